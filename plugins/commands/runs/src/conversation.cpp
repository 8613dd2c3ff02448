#include "conversation.h"

namespace tutti::runs {
namespace {

constexpr std::string_view kUnknownOutcome =
    "interrupted before an answer was stored; whether it took effect is unknown, so look before you repeat it";

bool CanBegin(JsonView message) {
  bool answers_tool = false;
  message["content"].ForEach([&](JsonView block) { answers_tool |= block["type"].AsString() == "tool_result"; });
  return message["role"].AsString() == "user" && !answers_tool;
}

}  // namespace

std::string TrimToBeginning(std::string_view rows) {
  const Result<Json> json = Json::Parse(rows);
  JsonWriter kept;
  kept.BeginArray();
  bool has_begun = false;
  if (json.ok()) {
    json->view().ForEach([&](JsonView message) {
      has_begun = has_begun || CanBegin(message);
      if (has_begun) {
        kept.Value(*message.raw());
      }
    });
  }
  return kept.EndArray().Take();
}

std::string ClosingContent(JsonView message) {
  if (message["role"].AsString() != "assistant") {
    return {};
  }
  JsonWriter content;
  bool has_calls = false;
  content.BeginArray();
  message["content"].ForEach([&](JsonView block) {
    if (block["type"].AsString() != "tool_use") {
      return;
    }
    has_calls = true;
    JsonObject answer;
    answer("type", "tool_result")("tool_use_id", block["id"].AsString());
    answer.Raw("content", "[" + JsonObject()("type", "text")("text", kUnknownOutcome).Take() + "]");
    content.Raw(answer("is_error", true).Take());
  });
  return has_calls ? content.EndArray().Take() : std::string();
}

}  // namespace tutti::runs
