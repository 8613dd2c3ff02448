#include "tests/support/fake_anthropic/message_stream.h"

#include <stdexcept>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::fake_anthropic {
namespace {

void AddDelta(std::vector<std::string>& events, std::size_t index, const char* type, const char* member,
              std::string_view text) {
  events.push_back(JsonObject()("type", "content_block_delta")("index", index)
                       .Raw("delta", JsonObject()("type", type)(member, text).Take())
                       .Take());
}

void AddDeltas(std::vector<std::string>& events, std::size_t index, const char* type, const char* member,
               std::string_view text, std::size_t piece_bytes) {
  while (!text.empty()) {
    // JSON cannot carry half a character, so a piece ends at one.
    std::size_t size = std::min(piece_bytes, text.size());
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
      ++size;
    }
    AddDelta(events, index, type, member, text.substr(0, size));
    text.remove_prefix(size);
  }
}

void AddBlock(std::vector<std::string>& events, std::size_t index, JsonView block, std::size_t piece_bytes) {
  const std::string_view type = block["type"].AsString();
  std::string start = block.Dump();
  if (type == "text") {
    start = R"({"type":"text","text":""})";
  } else if (type == "thinking") {
    start = R"({"type":"thinking","thinking":"","signature":""})";
  } else if (type == "tool_use") {
    start = JsonObject()("type", "tool_use")("id", block["id"].AsString())("name", block["name"].AsString())
                .Raw("input", "{}")
                .Take();
  }
  events.push_back(JsonObject()("type", "content_block_start")("index", index).Raw("content_block", start).Take());
  if (type == "text") {
    AddDeltas(events, index, "text_delta", "text", block["text"].AsString(), piece_bytes);
  } else if (type == "thinking") {
    AddDeltas(events, index, "thinking_delta", "thinking", block["thinking"].AsString(), piece_bytes);
    AddDelta(events, index, "signature_delta", "signature", block["signature"].AsString());
  } else if (type == "tool_use") {
    AddDelta(events, index, "input_json_delta", "partial_json", "");
    if (block["input"].size() > 0) {
      AddDeltas(events, index, "input_json_delta", "partial_json", block["input"].Dump(), piece_bytes);
    }
  }
  events.push_back(JsonObject()("type", "content_block_stop")("index", index).Take());
}

}  // namespace

std::string ToSse(const std::vector<std::string>& events, std::string_view line_end) {
  std::string stream;
  for (const auto& event : events) {
    const auto json = Json::Parse(event);
    if (!json.ok()) {
      throw std::runtime_error("an event of the fake peer is no JSON: " + event);
    }
    stream.append("event: ").append((*json)["type"].AsString()).append(line_end);
    stream.append("data: ").append(event).append(line_end).append(line_end);
  }
  return stream;
}

std::vector<std::string> MessageEvents(const JsonView& message, std::size_t piece_bytes) {
  std::vector<std::string> events;
  JsonWriter start;
  start.BeginObject().Key("id").Value(message["id"].AsString("msg_fake")).Key("type").Value("message");
  start.Key("role").Value("assistant").Key("model").Value(message["model"].AsString("claude-sonnet-4-5-20250929"));
  start.Key("content").Raw("[]").Key("stop_reason").Value(nullptr).Key("stop_sequence").Value(nullptr);
  start.Key("usage").BeginObject();
  message["usage"].ForEachMember([&](std::string_view name, JsonView value) {
    start.Key(name);
    name == "output_tokens" ? start.Value(1) : start.Value(*value.raw());
  });
  start.EndObject().EndObject();
  events.push_back(JsonObject()("type", "message_start").Raw("message", start.view()).Take());
  events.emplace_back(R"({"type":"ping"})");
  const JsonView content = message["content"];
  for (std::size_t i = 0; i < content.size(); ++i) {
    AddBlock(events, i, content[i], piece_bytes);
  }
  const std::string delta =
      JsonObject()("stop_reason", message["stop_reason"].AsString("end_turn")).Raw("stop_sequence", "null").Take();
  events.push_back(JsonObject()("type", "message_delta")
                       .Raw("delta", delta)
                       .Raw("usage", JsonObject()("output_tokens", message["usage"]["output_tokens"].AsInt(1)).Take())
                       .Take());
  events.emplace_back(R"({"type":"message_stop"})");
  return events;
}

std::vector<std::string> MessageEvents(std::string_view message_json, std::size_t piece_bytes) {
  const auto json = Json::Parse(message_json);
  if (!json.ok()) {
    throw std::runtime_error("a message of the fake peer is no JSON: " + json.status().ToString());
  }
  return MessageEvents(json->view(), piece_bytes);
}

}  // namespace tutti::fake_anthropic
