#include "request_builder.h"

#include <algorithm>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

constexpr std::string_view kCacheControl = R"({"type":"ephemeral"})";

bool IsThinking(std::string_view type) {
  return type == "thinking" || type == "redacted_thinking";
}

bool IsAccepted(JsonView block) {
  const std::string_view type = block["type"].AsString();
  if (type == "text") {
    return !block["text"].AsString().empty();
  }
  return type != "thinking" || !block["signature"].AsString().empty();
}

void WriteBlock(JsonWriter& writer, JsonView block, bool is_marked) {
  writer.BeginObject();
  block.ForEachMember([&](std::string_view key, JsonView value) {
    if (key != "cache_control") {
      writer.Key(key).Value(*value.raw());
    }
  });
  if (is_marked) {
    writer.Key("cache_control").Raw(kCacheControl);
  }
  writer.EndObject();
}

// Blocks the API takes, tool results first.
Result<std::vector<JsonView>> Blocks(JsonView message, std::size_t number) {
  const JsonView content = message["content"];
  if (!content.is_array()) {
    return Status::InvalidArgument("expected `content` of message " + std::to_string(number) +
                                   " to be an array of blocks");
  }
  std::vector<JsonView> blocks;
  content.ForEach([&](JsonView block) {
    if (IsAccepted(block)) {
      blocks.push_back(block);
    }
  });
  std::stable_partition(blocks.begin(), blocks.end(),
                        [](JsonView block) { return block["type"].AsString() == "tool_result"; });
  return blocks;
}

Status WriteMessages(JsonWriter& writer, JsonView messages, bool prompt_caching) {
  writer.Key("messages").BeginArray();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string_view role = messages[i]["role"].AsString();
    if (role != "user" && role != "assistant") {
      return Status::InvalidArgument("expected `role` of message " + std::to_string(i) +
                                     " to be user or assistant, found `" + std::string(role) + "`");
    }
    const auto blocks = Blocks(messages[i], i);
    if (!blocks.ok()) {
      return blocks.status();
    }
    if (blocks->empty()) {
      continue;
    }
    const JsonView last = blocks->back();
    const bool is_newest = i + 1 == messages.size();
    writer.BeginObject().Key("role").Value(role).Key("content").BeginArray();
    for (const JsonView& block : *blocks) {
      const bool is_marked =
          prompt_caching && is_newest && block.raw() == last.raw() && !IsThinking(block["type"].AsString());
      WriteBlock(writer, block, is_marked);
    }
    writer.EndArray().EndObject();
  }
  writer.EndArray();
  return {};
}

void WriteTools(JsonWriter& writer, JsonView tools) {
  if (tools.size() == 0) {
    return;
  }
  writer.Key("tools").BeginArray();
  tools.ForEach([&](JsonView tool) {
    writer.BeginObject().Key("name").Value(tool["name"].AsString());
    writer.Key("description").Value(tool["description"].AsString());
    writer.Key("input_schema").Raw(tool["input_schema"].Dump()).EndObject();
  });
  writer.EndArray();
}

Status CheckThinking(JsonView root, std::int64_t max_tokens) {
  const JsonView thinking = root["thinking"];
  const std::string_view type = thinking["type"].AsString();
  if (type.empty() || type == "disabled") {
    return {};
  }
  if (root["tool_choice"]["type"].AsString() == "any") {
    return Status::InvalidArgument("expected `tool_choice` to be auto or none while thinking is on, found any");
  }
  if (type == "enabled" && thinking["budget_tokens"].AsInt() >= max_tokens) {
    return Status::InvalidArgument("expected `thinking.budget_tokens` to be less than max_tokens (" +
                                   std::to_string(max_tokens) + "), found " + thinking["budget_tokens"].Dump());
  }
  return {};
}

}  // namespace

Result<MessagesRequest> BuildRequest(std::string_view request, const ModelTable& models,
                                     const BuilderSettings& settings) {
  const auto json = Json::Parse(request);
  if (!json.ok()) {
    return json.status();
  }
  const JsonView root = json->view();
  const JsonView messages = root["messages"];
  if (messages.size() == 0 || !messages.is_array()) {
    return Status::InvalidArgument("expected a completion request with at least one message in `messages`, found none");
  }
  const std::string_view asked = root["model"].AsString();
  MessagesRequest built;
  built.model = models.Resolve(asked.empty() ? std::string_view(settings.default_model) : asked);
  const ModelFamily* family = models.Find(built.model);
  const std::int64_t max_tokens =
      root["max_tokens"].AsInt(family == nullptr ? settings.default_max_tokens : family->max_output_tokens);
  if (max_tokens <= 0) {
    return Status::InvalidArgument("expected `max_tokens` to be positive, found " + std::to_string(max_tokens));
  }
  if (Status status = CheckThinking(root, max_tokens); !status.ok()) {
    return status;
  }
  JsonWriter writer;
  writer.BeginObject().Key("model").Value(built.model).Key("max_tokens").Value(max_tokens);
  writer.Key("stream").Value(true);
  if (root["thinking"].is_object()) {
    writer.Key("thinking").Value(*root["thinking"].raw());
  }
  if (root["tool_choice"].is_object() && root["tools"].size() > 0) {
    writer.Key("tool_choice").Value(*root["tool_choice"].raw());
  }
  WriteTools(writer, root["tools"]);
  if (const std::string_view system = root["system"].AsString(); !system.empty()) {
    writer.Key("system").BeginArray().BeginObject().Key("type").Value("text").Key("text").Value(system);
    if (settings.prompt_caching) {
      writer.Key("cache_control").Raw(kCacheControl);
    }
    writer.EndObject().EndArray();
  }
  if (Status status = WriteMessages(writer, messages, settings.prompt_caching); !status.ok()) {
    return status;
  }
  built.body = writer.EndObject().Take();
  return built;
}

}  // namespace tutti::anthropic
