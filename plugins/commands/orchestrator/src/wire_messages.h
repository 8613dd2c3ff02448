// The messages of /ws, in the shapes of the browser console. Each function returns one JSON object.
#pragma once

#include <string>
#include <string_view>

namespace tutti::orchestrator {

struct ChatLine {
  std::string_view id;
  std::string_view orchestrator;
  std::string_view sender;    // user | orchestrator
  std::string_view receiver;  // orchestrator | user
  std::string_view text;
  std::string_view metadata;  // JSON object
  std::string_view time;
};

struct BlockLine {
  std::string_view id;
  std::string_view orchestrator;
  std::string_view time;
};

namespace wire {

std::string ConnectionEstablished(std::string_view connection);
std::string OrchestratorChat(const ChatLine& line);
std::string ChatTyping(std::string_view orchestrator, bool is_typing);
std::string ChatStreamEnd();
std::string ThinkingBlock(const BlockLine& line, std::string_view thinking);
std::string ToolUseBlock(const BlockLine& line, std::string_view tool_name, std::string_view tool_input,
                         std::string_view tool_use_id);
std::string SystemLog(std::string_view level, std::string_view text);
std::string Error(std::string_view reason);

// The figures are zeros to be replaced by references to what an update returned.
std::string OrchestratorUpdated(std::string_view orchestrator);
std::string AgentUpdated(std::string_view agent);

// `old_status` is empty when a reference replaces it.
std::string AgentStatusChanged(std::string_view agent, std::string_view old_status, std::string_view new_status);
std::string AgentCreated(std::string_view agent, std::string_view name, std::string_view model);
std::string AgentDeleted(std::string_view agent);

}  // namespace wire

}  // namespace tutti::orchestrator
