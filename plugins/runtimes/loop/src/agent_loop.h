// AgentLoop: one run of an agent, from its prompt to the end of its turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compaction.h"
#include "cost_sum.h"
#include "model_answer.h"
#include "run_request.h"
#include "services.h"
#include "tool_catalog.h"
#include "tool_runner.h"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::loop {

// Lives until the Task of Run has ended. Threads: one at a time.
class AgentLoop {
 public:
  // `services` must outlive it; `offered_tools` is the host's JSON array of tools.
  AgentLoop(Services& services, RunRequest request, std::string_view offered_tools, ToolLimits limits,
            CompactionLimits compaction = {});

  // The result of tutti/abi/runtime.h. A failure carries the result so far as its details.
  Task<Result<std::string>> Run();

 private:
  Task<Result<std::string>> CompactOnly();
  Task<Status> Compact(std::string trigger, std::string instructions);
  Task<void> CompactWhenFull();
  Task<Status> SubmitPrompt();
  // `stored` is a message of the model with which the run goes on after it was cut off.
  Task<Result<std::string>> TakeTurns(std::optional<ModelAnswer> stored);
  // Takes the totals over; the message of the model that was stored last, if nothing is behind it.
  Result<std::optional<ModelAnswer>> Restore();
  Task<Result<std::string>> End(Result<std::string> ended);
  Task<Result<ModelAnswer>> AskModel();
  Task<Status> StoreAnswer(const ModelAnswer& answer);
  Task<Status> AnswerCalls(const ModelAnswer& answer, const StoredCalls& stored);
  // `error` is the sentence of a run that failed.
  Task<Status> Stop(std::string_view reason, std::string_view error = {});
  Task<Status> Fire(std::string entries);

  [[nodiscard]] std::string ModelRequest(std::string_view last_message = {}) const;
  [[nodiscard]] std::int64_t EstimatedTokens() const;
  // `spent` is what the model call that made the message took; nullptr: none did.
  std::string MessageEntry(std::string_view role, std::string_view content, bool is_summary = false,
                           const ModelAnswer* spent = nullptr);
  void Account(const ModelAnswer& answer);
  [[nodiscard]] std::int64_t DurationMs() const;
  [[nodiscard]] std::string Totals(std::string_view reason_key, std::string_view reason,
                                   std::string_view error = {}) const;

  Services& services_;
  RunRequest request_;
  ToolCatalog catalog_;
  ToolRunner runner_;
  const CompactionLimits compaction_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::int64_t turns_ = 0;
  Usage usage_;
  Usage usage_since_compaction_;
  std::int64_t context_tokens_ = 0;  // as the model last counted them, and a guess for what came since
  std::int64_t compactions_ = 0;
  bool has_failed_to_compact_ = false;
  CostSum cost_;
  std::string text_;
};

}  // namespace tutti::loop
