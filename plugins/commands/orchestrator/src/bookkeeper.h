// Bookkeeper: what the orchestrator adds to the steps in which runs change their state, and shows of them.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "context.h"
#include "run_change.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Rows and durable announcements come from the change alone (run_change.h). What is kept here says no more than whether
// the typing dots are those of a turn.
//
// Threads: any.
class Bookkeeper {
 public:
  // `tools` are those of the orchestrator itself.
  Bookkeeper(const Context& context, std::vector<std::string> tools) : context_(context), tools_(std::move(tools)) {}

  // The operations for the step's batch, a JSON array or empty. What is transient is shown before it returns.
  Task<std::string> Record(RunChange change);

  // Whether a turn of the chat is at work, so that the typing dots are its own.
  [[nodiscard]] bool IsChatBusy() const;

 private:
  void Show(const RunChange& change);
  Task<bool> StoreReplyOf(RunChange change);
  Task<bool> IsFollowed(RunChange change);
  Task<void> StoreMetadata(RunChange change);
  // `commands`: JSON array, as the console gets it.
  [[nodiscard]] std::string SystemInfo(std::string_view conversation, std::string_view commands) const;

  const Context& context_;
  const std::vector<std::string> tools_;
  mutable std::mutex mutex_;
  std::set<std::string> at_work_;  // guarded by mutex_; runs of the chat
};

}  // namespace tutti::orchestrator
