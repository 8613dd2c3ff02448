#include "performance.h"

#include <algorithm>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::rehearsal {
namespace {

// About how many bytes of English text make one token.
constexpr std::size_t kBytesPerToken = 4;

std::string Bounded(std::string text, std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    std::size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text.resize(end);
  }
  return CleanUtf8(text);
}

void AddDeltas(std::vector<std::string>& events, std::size_t index, const char* type, const char* member,
               std::string_view text, std::size_t piece_characters) {
  while (!text.empty()) {
    const std::string_view piece = Utf8Prefix(text, piece_characters);
    events.push_back(JsonObject()("type", type)("index", index)(member, piece).Take());
    text.remove_prefix(piece.size());
  }
}

std::string Usage(const Scene& scene, const Situation& situation, std::size_t output_bytes) {
  const auto count = [&](const char* name, std::size_t estimate) {
    const auto found = scene.usage.find(name);
    return found == scene.usage.end() ? static_cast<std::int64_t>(estimate) : found->second;
  };
  return JsonObject()("input_tokens", count("input_tokens", 1 + situation.input_bytes / kBytesPerToken))(
             "output_tokens", count("output_tokens", 1 + output_bytes / kBytesPerToken))(
             "cache_read_input_tokens", count("cache_read_input_tokens", 0))("cache_creation_input_tokens",
                                                                             count("cache_creation_input_tokens", 0))
      .Take();
}

}  // namespace

Performance Stage(const Choice& choice, const Situation& situation, const Staging& staging, const std::string& id) {
  const Scene& scene = *choice.scene;
  Captures captures = choice.captures;
  for (auto& [name, value] : captures) {
    value = Bounded(std::move(value), staging.max_text_bytes);
  }
  Performance performance;
  performance.delay = scene.delay.value_or(staging.delay);
  auto& events = performance.events;
  JsonWriter content;
  content.BeginArray();
  bool uses_tool = false;
  std::size_t output_bytes = 0;
  for (std::size_t index = 0; index < scene.say.size(); ++index) {
    const Block& block = scene.say[index];
    if (block.kind == Block::Kind::kToolUse) {
      uses_tool = true;
      const std::string tool_use_id = "toolu_" + id + "_" + std::to_string(index);
      const std::string input = FillInJson(block.input_json, captures);
      output_bytes += input.size();
      events.push_back(
          JsonObject()("type", "tool_use_start")("index", index)("id", tool_use_id)("name", block.tool_name).Take());
      AddDeltas(events, index, "input_delta", "partial_json", input, staging.piece_characters);
      content.Raw(
          JsonObject()("type", "tool_use")("id", tool_use_id)("name", block.tool_name).Raw("input", input).Take());
      continue;
    }
    const std::string text = Bounded(FillIn(block.text, captures), staging.max_text_bytes);
    output_bytes += text.size();
    if (block.kind == Block::Kind::kThinking) {
      AddDeltas(events, index, "thinking_delta", "thinking", text, staging.piece_characters);
      content.Raw(JsonObject()("type", "thinking")("thinking", text)("signature", "").Take());
    } else {
      AddDeltas(events, index, "text_delta", "text", text, staging.piece_characters);
      content.Raw(JsonObject()("type", "text")("text", text).Take());
    }
  }
  content.EndArray();
  if (scene.fail) {
    events.resize(std::min(events.size(), static_cast<std::size_t>(scene.fail->after_deltas)));
    performance.failure = Status(scene.fail->code, scene.fail->message).WithRetryAfter(scene.fail->retry_after);
    return performance;
  }
  const std::string stop_reason = !scene.stop_reason.empty() ? scene.stop_reason : uses_tool ? "tool_use" : "end_turn";
  performance.result =
      JsonObject()("model", "rehearsal")("stop_reason", stop_reason)
          .Raw("content", content.view())
          .Raw("usage", Usage(scene, situation, output_bytes))("cost_usd", 0)("request_id", "rehearsal_" + id)
          .Take();
  return performance;
}

}  // namespace tutti::rehearsal
