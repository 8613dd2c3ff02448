#include "message_assembler.h"

#include <array>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

constexpr std::size_t kMaxBlocks = 10'000;

bool IsKnownBlock(std::string_view type) {
  return type == "text" || type == "thinking" || type == "redacted_thinking" || type == "tool_use";
}

bool IsObject(const std::string& json) {
  const auto parsed = Json::Parse(json);
  return parsed.ok() && parsed->view().is_object();
}

// The reasons a caller knows. A full context window cuts the output as the token limit does.
std::string KnownStopReason(const std::string& reason, bool uses_tool) {
  static constexpr std::array<std::string_view, 6> kKnown{"end_turn",      "tool_use", "max_tokens",
                                                          "stop_sequence", "refusal",  "pause_turn"};
  for (const auto known : kKnown) {
    if (reason == known) {
      return reason;
    }
  }
  if (reason == "model_context_window_exceeded") {
    return "max_tokens";
  }
  return uses_tool ? "tool_use" : "end_turn";
}

}  // namespace

std::optional<Failure> MessageAssembler::Add(std::string_view data, std::string_view request_id) {
  const auto json = Json::Parse(data);
  if (!json.ok()) {
    return FromNetwork("the Messages API sent an event that is no JSON (request-id " + std::string(request_id) +
                       "): " + std::string(json.status().message()));
  }
  const JsonView event = json->view();
  const std::string_view type = event["type"].AsString();
  Status status;
  if (type == "error") {
    return FromErrorEvent(data, request_id);
  }
  if (type == "message_start") {
    has_started_ = true;
    model_ = event["message"]["model"].AsString();
    usage_.Update(event["message"]["usage"]);
  } else if (type == "content_block_start") {
    status = StartBlock(event);
  } else if (type == "content_block_delta") {
    status = AddDelta(event);
  } else if (type == "message_delta") {
    if (const auto reason = event["delta"]["stop_reason"]; reason.is_string()) {
      stop_reason_ = reason.AsString();
    }
    usage_.Update(event["usage"]);
  } else if (type == "message_stop") {
    if (!has_started_ || stop_reason_.empty()) {
      return FromNetwork("the Messages API ended a message without its start or its stop_reason (request-id " +
                         std::string(request_id) + ")");
    }
    is_complete_ = true;
  }
  if (!status.ok()) {
    return Failure{.status = status, .is_retryable = false};
  }
  return {};
}

Status MessageAssembler::StartBlock(const JsonView& event) {
  const JsonView start = event["content_block"];
  if (!IsKnownBlock(start["type"].AsString())) {
    return {};
  }
  if (blocks_.size() >= kMaxBlocks) {
    return Status::ResourceExhausted("expected a message of at most " + std::to_string(kMaxBlocks) +
                                     " blocks, found more");
  }
  const std::int64_t index = event["index"].AsInt();
  Block& block = blocks_[index];
  block = Block{};
  block.type = start["type"].AsString();
  if (block.type == "tool_use") {
    block.id = start["id"].AsString();
    block.name = start["name"].AsString();
    if (start["input"].size() > 0) {
      block.input = start["input"].Dump();
    }
    return PassOn(JsonObject()("type", "tool_use_start")("index", index)("id", block.id)("name", block.name).Take());
  }
  if (block.type == "redacted_thinking") {
    block.text = start["data"].AsString();
    return {};
  }
  const bool is_text = block.type == "text";
  block.text = start[is_text ? "text" : "thinking"].AsString();
  block.signature = start["signature"].AsString();
  if (block.text.empty()) {
    return {};
  }
  return PassOn(JsonObject()("type", is_text ? "text_delta" : "thinking_delta")("index", index)(
                    is_text ? "text" : "thinking", block.text)
                    .Take());
}

Status MessageAssembler::AddDelta(const JsonView& event) {
  const std::int64_t index = event["index"].AsInt();
  const auto found = blocks_.find(index);
  if (found == blocks_.end()) {
    return {};
  }
  Block& block = found->second;
  const JsonView delta = event["delta"];
  const std::string_view type = delta["type"].AsString();
  if (type == "text_delta" && block.type == "text") {
    block.text += delta["text"].AsString();
    return PassOn(JsonObject()("type", "text_delta")("index", index)("text", delta["text"].AsString()).Take());
  }
  if (type == "thinking_delta" && block.type == "thinking") {
    block.text += delta["thinking"].AsString();
    return PassOn(
        JsonObject()("type", "thinking_delta")("index", index)("thinking", delta["thinking"].AsString()).Take());
  }
  if (type == "signature_delta" && block.type == "thinking") {
    block.signature += delta["signature"].AsString();
    return {};
  }
  if (type == "input_json_delta" && block.type == "tool_use") {
    const std::string_view piece = delta["partial_json"].AsString();
    block.input += piece;
    return PassOn(JsonObject()("type", "input_delta")("index", index)("partial_json", piece).Take());
  }
  return {};
}

Status MessageAssembler::PassOn(const std::string& event) {
  has_emitted_ = true;
  return emit_(event);
}

Result<Message> MessageAssembler::Take() {
  const bool was_cut = stop_reason_ != "tool_use" && stop_reason_ != "end_turn" && stop_reason_ != "stop_sequence" &&
                       stop_reason_ != "pause_turn";
  bool uses_tool = false;
  JsonWriter content;
  content.BeginArray();
  for (const auto& [index, block] : blocks_) {
    if (block.type == "text") {
      content.Raw(JsonObject()("type", "text")("text", block.text).Take());
    } else if (block.type == "thinking") {
      content.Raw(JsonObject()("type", "thinking")("thinking", block.text)("signature", block.signature).Take());
    } else if (block.type == "redacted_thinking") {
      content.Raw(JsonObject()("type", "redacted_thinking")("data", block.text).Take());
    } else {
      // No arguments at all mean {}, except in the block at which the output was cut.
      const bool is_last = index == blocks_.rbegin()->first;
      const std::string input = block.input.empty() && !(was_cut && is_last) ? "{}" : block.input;
      if (IsObject(input)) {
        uses_tool = true;
        content.Raw(JsonObject()("type", "tool_use")("id", block.id)("name", block.name).Raw("input", input).Take());
      } else if (!was_cut) {
        return Status::Unavailable("the Messages API sent arguments for tool " + block.name +
                                   " that are no JSON object, though the message was not cut");
      }
    }
  }
  content.EndArray();
  return Message{.model = model_,
                 .stop_reason = KnownStopReason(stop_reason_, uses_tool),
                 .content = content.Take(),
                 .usage = usage_};
}

}  // namespace tutti::anthropic
