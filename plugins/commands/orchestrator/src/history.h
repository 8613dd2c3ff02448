// The two history questions of the console: /load_chat and /get_events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::orchestrator {

struct ChatHistory {
  // The newest lines, the newest blocks and the number of all lines, in one statement.
  [[nodiscard]] std::string Batch() const;
  // The answer of /load_chat: rows pass as the database made them.
  [[nodiscard]] static std::string Answer(const StoreReply& reply);

  std::string orchestrator;
  std::int64_t limit = 50;
};

struct EventHistory {
  // INVALID_ARGUMENT for a malformed agent id. `most` caps the limit.
  static Result<EventHistory> Read(JsonView args, std::string_view orchestrator, std::int64_t most);

  // Nothing was asked for: answer without a query.
  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::string Batch() const;
  [[nodiscard]] std::string Answer(const StoreReply& reply) const;
  static std::string EmptyAnswer();

  std::string orchestrator;
  std::string agent;      // empty: all agents
  std::string task_slug;  // only together with agent
  bool with_agent_logs = false;
  bool with_system_logs = false;
  bool with_chat = false;
  std::int64_t limit = 50;
  std::int64_t offset = 0;
  // Only what is older than this time; empty: everything. Rows that arrive do not move what is older, so reading on
  // before the oldest event of an answer meets each row once, which `offset` cannot promise.
  std::string before;

 private:
  // The rows of one task begin with its first, those of everything else with the newest, so they are asked separately.
  [[nodiscard]] bool is_one_task() const { return with_agent_logs && !agent.empty() && !task_slug.empty(); }

  [[nodiscard]] std::string AgentLogs() const;
  [[nodiscard]] std::string SystemLogs() const;
  [[nodiscard]] std::string Chat() const;
};

}  // namespace tutti::orchestrator
