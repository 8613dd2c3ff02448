#include "situation.h"

#include "tutti/sdk/json.hpp"

namespace tutti::rehearsal {
namespace {

std::string JoinText(JsonView content) {
  if (content.is_string()) {
    return std::string(content.AsString());
  }
  std::string text;
  content.ForEach([&](JsonView block) {
    if (block["type"].AsString() == "text") {
      text.append(text.empty() ? "" : "\n").append(block["text"].AsString());
    }
  });
  return text;
}

JsonView LastToolResult(JsonView content) {
  JsonView last;
  content.ForEach([&](JsonView block) {
    if (block["type"].AsString() == "tool_result") {
      last = block;
    }
  });
  return last;
}

std::string ToolOf(JsonView messages, std::string_view tool_use_id) {
  std::string name;
  messages.ForEach([&](JsonView message) {
    message["content"].ForEach([&](JsonView block) {
      if (block["type"].AsString() == "tool_use" && block["id"].AsString() == tool_use_id) {
        name = block["name"].AsString();
      }
    });
  });
  return name;
}

}  // namespace

Result<Situation> ReadSituation(std::string_view request) {
  auto json = Json::Parse(request);
  if (!json.ok()) {
    return json.status();
  }
  const JsonView root = json->view();
  const JsonView messages = root["messages"];
  if (!messages.is_array() || messages.size() == 0) {
    return Status::InvalidArgument("expected a completion request with at least one message in `messages`, found none");
  }
  Situation situation;
  situation.input_bytes = request.size();
  situation.model = root["model"].AsString();
  situation.system = root["system"].AsString();
  root["tools"].ForEach([&](JsonView tool) { situation.tools.emplace(tool["name"].AsString()); });
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const JsonView message = messages[i];
    if (message["role"].AsString() == "assistant") {
      ++situation.turn;
      situation.after_tool = false;
      continue;
    }
    const JsonView result = LastToolResult(message["content"]);
    situation.after_tool = static_cast<bool>(result);
    if (!result) {
      situation.prompt = JoinText(message["content"]);
      situation.turn = 1;
      continue;
    }
    situation.tool = ToolOf(messages, result["tool_use_id"].AsString());
    situation.result = JoinText(result["content"]);
    situation.is_error = result["is_error"].AsBool();
  }
  return situation;
}

}  // namespace tutti::rehearsal
