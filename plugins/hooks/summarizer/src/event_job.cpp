#include "event_job.h"

#include "tutti/sdk/text.hpp"

namespace tutti::summarizer {
namespace {

Job Of(const Observed& seen) {
  Job job;
  job.subject = seen.agent;
  job.stream = seen.stream;
  job.time_us = seen.time_us;
  return job;
}

std::optional<Target::Table> TableOf(const Observed& seen) {
  if (!seen.is_orchestrator()) {
    return Target::Table::kAgentLog;
  }
  if (seen.point == "TextBlock") {
    return Target::Table::kChat;
  }
  if (seen.point == "ThinkingBlock" || seen.point == "ToolUseBlock") {
    return Target::Table::kSystemLog;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Job> JobOf(const Observed& seen, JsonView payload, const Bounds& bounds) {
  const std::optional<Target::Table> table = TableOf(seen);
  if (!table || seen.agent.empty() || seen.stream.empty()) {
    return std::nullopt;
  }
  Job job = Of(seen);
  job.target = {*table, std::string(payload["id"].AsString()), 0};
  job.is_announced = *table == Target::Table::kAgentLog;
  job.event = seen.point;
  job.details = Details(seen.point, payload, bounds);
  const bool is_chat = *table == Target::Table::kChat;
  job.fallback = is_chat ? ChatFallback("orchestrator", payload["text"].AsString()) : Fallback(seen.point, payload);
  return job;
}

Job PromptJob(const Observed& seen, JsonView row, const Bounds& bounds) {
  Job job = Of(seen);
  job.target = {Target::Table::kPrompt, std::string(row["id"].AsString()), 0};
  job.event = "Command to the agent";
  job.details = Utf8Prefix(row["prompt_text"].AsString(), bounds.text);
  job.fallback = PromptFallback();
  return job;
}

Job UserLineJob(const Observed& seen, JsonView row, const Bounds& bounds) {
  Job job = Of(seen);
  job.target = {Target::Table::kChat, std::string(row["id"].AsString()), 0};
  job.event = "Message of the user";
  job.details = Utf8Prefix(row["message"].AsString(), bounds.text);
  job.fallback = ChatFallback("user", row["message"].AsString());
  return job;
}

}  // namespace tutti::summarizer
