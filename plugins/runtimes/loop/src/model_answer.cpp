#include "model_answer.h"

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::loop {
namespace {

std::string Entry(std::string_view point, std::string_view payload) {
  return JsonObject()("point", point).Raw("payload", payload).Take();
}

// Models refuse a conversation that holds an empty text, though now and then they write one.
bool IsEmptyText(JsonView block) {
  return block["type"].AsString() == "text" && block["text"].AsString().empty();
}

void AddBlock(JsonView block, ModelAnswer& answer) {
  const std::string_view type = block["type"].AsString();
  const std::string id = NewUuid();
  if (type == "text") {
    answer.text += block["text"].AsString();
    answer.blocks.push_back(Entry("TextBlock", JsonObject()("text", block["text"].AsString())("id", id).Take()));
    return;
  }
  if (type == "thinking") {
    answer.blocks.push_back(
        Entry("ThinkingBlock", JsonObject()("thinking", block["thinking"].AsString())("id", id).Take()));
    return;
  }
  if (type == "tool_use") {
    ToolCall call{std::string(block["id"].AsString()), std::string(block["name"].AsString()),
                  block["input"].is_object() ? block["input"].Dump() : "{}"};
    JsonObject payload;
    payload("tool_name", call.name).Raw("tool_input", call.input)("tool_use_id", call.id)("id", id);
    answer.blocks.push_back(Entry("ToolUseBlock", payload.Take()));
    answer.calls.push_back(std::move(call));
  }
}

}  // namespace

Usage Usage::Read(JsonView usage) {
  return {usage["input_tokens"].AsInt(), usage["output_tokens"].AsInt(), usage["cache_read_input_tokens"].AsInt(),
          usage["cache_creation_input_tokens"].AsInt()};
}

Usage& Usage::operator+=(const Usage& other) {
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cache_read_input_tokens += other.cache_read_input_tokens;
  cache_creation_input_tokens += other.cache_creation_input_tokens;
  return *this;
}

std::string Usage::ToJson() const {
  return JsonObject()("input_tokens", input_tokens)("output_tokens", output_tokens)(
             "cache_read_input_tokens", cache_read_input_tokens)("cache_creation_input_tokens",
                                                                 cache_creation_input_tokens)
      .Take();
}

Result<ModelAnswer> ModelAnswer::Parse(std::string_view body) {
  Result<Json> json = Json::Parse(CleanJson(body));
  if (!json.ok()) {
    return Status::Internal("the model plugin answered with something that is no JSON: " +
                            std::string(json.status().message()));
  }
  const JsonView view = json->view();
  if (!view["content"].is_array()) {
    return Status::Internal("the model plugin answered without an array \"content\"");
  }
  ModelAnswer answer;
  answer.stop_reason = view["stop_reason"].AsString("end_turn");
  JsonWriter content;
  content.BeginArray();
  view["content"].ForEach([&](JsonView block) {
    if (!IsEmptyText(block)) {
      content.Value(*block.raw());
      AddBlock(block, answer);
    }
  });
  answer.content = content.EndArray().Take();
  answer.usage = Usage::Read(view["usage"]);
  if (view["cost_usd"].is_number()) {
    answer.cost_usd = view["cost_usd"].AsDouble();
  }
  return answer;
}

Result<ModelAnswer> ModelAnswer::OfMessage(std::string_view message, std::string_view stop_reason) {
  const Result<Json> json = Json::Parse(message);
  if (!json.ok()) {
    return json.status();
  }
  JsonObject body;
  body.Raw("content", (*json)["content"].Dump());
  if (!stop_reason.empty()) {
    body("stop_reason", stop_reason);
  }
  return Parse(body.Take());
}

}  // namespace tutti::loop
