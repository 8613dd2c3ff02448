#include "wire_messages.h"

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator::wire {
namespace {

std::string Totals() {
  return JsonObject()("input_tokens", 0)("output_tokens", 0)("total_cost", 0).Take();
}

}  // namespace

std::string ConnectionEstablished(std::string_view connection) {
  return JsonObject()("type", "connection_established")("client_id", "client_" + std::string(connection))(
             "timestamp", NowIso())("message", "Connected to the orchestrator")
      .Take();
}

std::string OrchestratorChat(const ChatLine& line) {
  JsonObject message;
  message("id", line.id)("orchestrator_agent_id", line.orchestrator)("sender_type", line.sender);
  message("receiver_type", line.receiver)("message", line.text)("agent_id", nullptr);
  message.Raw("metadata", line.metadata)("timestamp", line.time);
  return JsonObject()("type", "orchestrator_chat").Raw("message", message.Take())("timestamp", line.time).Take();
}

std::string ChatTyping(std::string_view orchestrator, bool is_typing) {
  return JsonObject()("type", "chat_typing")("orchestrator_agent_id", orchestrator)("is_typing", is_typing)("timestamp",
                                                                                                            NowIso())
      .Take();
}

std::string ChatStreamEnd() {
  return JsonObject()("type", "chat_stream")("chunk", "")("is_complete", true)("timestamp", NowIso()).Take();
}

std::string ThinkingBlock(const BlockLine& line, std::string_view thinking) {
  JsonObject data;
  data("id", line.id)("orchestrator_agent_id", line.orchestrator)("thinking", thinking)("timestamp", line.time);
  return JsonObject()("type", "thinking_block").Raw("data", data.Take())("timestamp", line.time).Take();
}

std::string ToolUseBlock(const BlockLine& line, std::string_view tool_name, std::string_view tool_input,
                         std::string_view tool_use_id) {
  JsonObject data;
  data("id", line.id)("orchestrator_agent_id", line.orchestrator)("tool_name", tool_name);
  data.Raw("tool_input", tool_input)("tool_use_id", tool_use_id)("timestamp", line.time);
  return JsonObject()("type", "tool_use_block").Raw("data", data.Take())("timestamp", line.time).Take();
}

std::string SystemLog(std::string_view level, std::string_view text) {
  const std::string now = NowIso();
  const std::string data = JsonObject()("level", level)("message", text)("timestamp", now).Take();
  return JsonObject()("type", "system_log").Raw("data", data)("timestamp", now).Take();
}

std::string Error(std::string_view reason) {
  return JsonObject()("type", "error")("message", "Orchestrator execution failed")
      .Raw("details", JsonObject()("error", reason).Take())("timestamp", NowIso())
      .Take();
}

std::string OrchestratorUpdated(std::string_view orchestrator) {
  JsonObject figures;
  figures("id", orchestrator)("input_tokens", 0)("output_tokens", 0)("total_cost", 0)("updated_at", nullptr);
  return JsonObject()("type", "orchestrator_updated").Raw("orchestrator", figures.Take())("timestamp", NowIso()).Take();
}

std::string AgentUpdated(std::string_view agent) {
  return JsonObject()("type", "agent_updated")("agent_id", agent).Raw("agent", Totals())("timestamp", NowIso()).Take();
}

std::string AgentStatusChanged(std::string_view agent, std::string_view old_status, std::string_view new_status) {
  JsonObject message;
  message("type", "agent_status_changed")("agent_id", agent).OrNull("old_status", old_status);
  return message("new_status", new_status)("timestamp", NowIso()).Take();
}

std::string AgentCreated(std::string_view agent, std::string_view name, std::string_view model) {
  const std::string data = JsonObject()("id", agent)("name", name)("model", model)("status", "idle").Take();
  return JsonObject()("type", "agent_created").Raw("agent", data)("timestamp", NowIso()).Take();
}

std::string AgentDeleted(std::string_view agent) {
  return JsonObject()("type", "agent_deleted")("agent_id", agent)("timestamp", NowIso()).Take();
}

}  // namespace tutti::orchestrator::wire
