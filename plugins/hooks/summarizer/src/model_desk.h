// ModelDesk: asks the model about a batch of events, within a time, and keeps the account of it.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "job.h"
#include "model_talk.h"
#include "settings.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::summarizer {

// Threads: any.
class ModelDesk : public std::enable_shared_from_this<ModelDesk> {
 public:
  ModelDesk(Host host, const Settings& settings) : host_(host), settings_(settings) {}

  // What came of a batch. Without sentences `reason` says why: off, pausing, failed, stopping.
  struct Outcome {
    std::vector<std::optional<std::string>> sentences;
    const char* reason = "silent";
    std::string account;  // storage operations; empty when no call was made
  };

  static Task<Outcome> Ask(std::shared_ptr<ModelDesk> self, std::span<const Job> jobs);

  // Ends the calls that run; later ones are not begun.
  void Stop();

 private:
  struct Call;

  // Why no call is to be made now; nullptr: one is.
  const char* Refusal();
  Task<Result<std::string>> Complete(std::string request);
  Outcome Failed(std::span<const Job> jobs, const Status& status);
  Outcome Answered(std::span<const Job> jobs, const std::string& body);

  const Host host_;
  const Settings settings_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point pause_until_{};  // guarded by mutex_
  bool is_stopping_ = false;                             // guarded by mutex_
  std::set<std::shared_ptr<Call>> calls_;                // guarded by mutex_
};

}  // namespace tutti::summarizer
