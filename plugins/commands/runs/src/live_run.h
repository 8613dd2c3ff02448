// LiveRun: a run that this host holds, from its acceptance or taking over until it has ended or was let go.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "accepted_run.h"
#include "lane.h"
#include "run_state.h"
#include "tutti/abi/core.h"

namespace tutti::runs {

// Threads: any.
class LiveRun {
 public:
  // `fence` is that of its row; `next_index` from where hook points of the run go on.
  LiveRun(AcceptedRun run, RunState state, std::int64_t fence, std::int64_t next_index = 0)
      : run_(std::move(run)), fence_(fence), first_index_(next_index), state_(state), reserved_(next_index) {}

  [[nodiscard]] const AcceptedRun& run() const { return run_; }

  [[nodiscard]] const std::string& id() const { return run_.run; }

  [[nodiscard]] std::int64_t fence() const { return fence_; }

  [[nodiscard]] std::int64_t first_index() const { return first_index_; }

  // As stored last. Changed inside its lane only.
  [[nodiscard]] RunState state() const { return state_.load(); }

  void SetState(RunState state) { state_.store(state); }

  [[nodiscard]] Lane& lane() { return lane_; }

  // The runtime's call; 0: none yet.
  [[nodiscard]] tutti_call handle() const { return handle_.load(); }

  void SetHandle(tutti_call handle) { handle_.store(handle); }

  // Whether the runtime's last step was recorded: then its result is stored too.
  [[nodiscard]] bool has_result() const { return has_result_.load(); }

  void SetHasResult() { has_result_.store(true); }

  // A number for the column next_index when the stored one does not cover `index` any more. It is ahead of what is
  // used, so that few steps write it and those that commit in another order than they were made do no harm.
  [[nodiscard]] std::optional<std::int64_t> Reserve(std::int64_t index) {
    const std::lock_guard lock(mutex_);
    if (index < reserved_) {
      return std::nullopt;
    }
    reserved_ = index + kIndexReserve;
    return reserved_;
  }

  // What it waits for. The reason of one that is still open, empty when there is none.
  void Open(const std::string& id, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    open_.emplace(id, reason);
  }

  void Close(const std::string& id) {
    const std::lock_guard lock(mutex_);
    open_.erase(id);
  }

  [[nodiscard]] std::optional<std::string> WaitsFor() const {
    const std::lock_guard lock(mutex_);
    return open_.empty() ? std::nullopt : std::optional(open_.begin()->second);
  }

 private:
  static constexpr std::int64_t kIndexReserve = 256;

  const AcceptedRun run_;
  const std::int64_t fence_;
  const std::int64_t first_index_;
  std::atomic<RunState> state_;
  std::atomic<tutti_call> handle_{0};
  std::atomic<bool> has_result_{false};
  Lane lane_;
  mutable std::mutex mutex_;
  std::int64_t reserved_;                    // guarded by mutex_
  std::map<std::string, std::string> open_;  // guarded by mutex_; reason by id
};

using LiveRunPtr = std::shared_ptr<LiveRun>;

}  // namespace tutti::runs
