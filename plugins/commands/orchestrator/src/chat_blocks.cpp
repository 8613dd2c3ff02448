#include "chat_blocks.h"

#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::size_t kTitleCharacters = 100;

Op SystemLogRow(const BlockLine& line, const std::string& message, std::string_view metadata) {
  JsonObject row;
  row("id", line.id)("level", "INFO")("message", message).Raw("metadata", metadata)("timestamp", line.time);
  return Op::Insert("orchestrator.system_logs", row.Take());
}

std::string ThinkingOperations(const BlockLine& line, JsonView payload) {
  const std::string_view thinking = payload["thinking"].AsString();
  JsonObject metadata;
  metadata("type", "thinking_block")("thinking", thinking)("orchestrator_agent_id", line.orchestrator);
  const std::string title = "Thinking: " + std::string(Utf8Prefix(thinking, kTitleCharacters));
  Batch batch;
  batch.Add(SystemLogRow(line, title, metadata.Take()));
  batch.Add(Op::Append(line.orchestrator, "thinking_block", wire::ThinkingBlock(line, thinking)));
  return batch.Ops();
}

std::string ToolUseOperations(const BlockLine& line, JsonView payload) {
  const std::string tool(payload["tool_name"].AsString());
  const std::string input = payload["tool_input"].Dump();
  const std::string_view use = payload["tool_use_id"].AsString();
  JsonObject metadata;
  metadata("type", "tool_use_block")("tool_name", tool).Raw("tool_input", input)("tool_use_id", use);
  metadata("orchestrator_agent_id", line.orchestrator);
  Batch batch;
  batch.Add(SystemLogRow(line, "Tool use: " + tool, metadata.Take()));
  batch.Add(Op::Append(line.orchestrator, "tool_use_block", wire::ToolUseBlock(line, tool, input, use)));
  return batch.Ops();
}

}  // namespace

Batch ChatLineBatch(const ChatLine& line) {
  JsonObject row;
  row("id", line.id)("created_at", line.time)("updated_at", line.time)("orchestrator_agent_id", line.orchestrator);
  row("sender_type", line.sender)("receiver_type", line.receiver)("message", line.text);
  row.Raw("metadata", line.metadata);
  Batch batch;
  batch.Add(Op::Insert("orchestrator.orchestrator_chat", row.Take()));
  batch.Add(Op::Append(line.orchestrator, "orchestrator_chat", wire::OrchestratorChat(line)));
  return batch;
}

std::optional<std::string> BlockOperations(std::string_view orchestrator, std::string_view point, JsonView payload,
                                           std::int64_t time_us) {
  const std::string time = FormatMicros(time_us);
  const std::string id = payload["id"].is_string() ? std::string(payload["id"].AsString()) : NewUuid();
  const BlockLine line{.id = id, .orchestrator = orchestrator, .time = time};
  if (point == "TextBlock") {
    return ChatLineBatch({.id = id,
                          .orchestrator = orchestrator,
                          .sender = "orchestrator",
                          .receiver = "user",
                          .text = payload["text"].AsString(),
                          .metadata = R"({"type":"text_chunk"})",
                          .time = time})
        .Ops();
  }
  if (point == "ThinkingBlock") {
    return ThinkingOperations(line, payload);
  }
  if (point == "ToolUseBlock") {
    return ToolUseOperations(line, payload);
  }
  return std::nullopt;
}

}  // namespace tutti::orchestrator
