// RunKeeper: holds this host's runs, and takes up those that nobody holds: its own of a former process at once, others'
// when their lease is over.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "run_driver.h"
#include "run_queue.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::runs {

// A heartbeat that never runs twice at once. Threads: any.
class RunKeeper {
 public:
  RunKeeper(const Host& host, RunQueue& queue, Holder holder)
      : host_(host), queue_(queue), holder_(std::move(holder)) {}

  // Drives a run that has entered the queue; set before Start.
  void SetDriver(const RunDriver* driver) { driver_ = driver; }

  void Start();

  // No heart beats any more once it has returned.
  void Stop();

  // Ends when the unfinished runs of a former process have been taken up, so that a new one does not overtake them;
  // with the reason when the storage does not let that happen yet.
  [[nodiscard]] Task<Status> Ready();

  // A run was let go that this host may take up again.
  void LetGo(const std::string& run);

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::chrono::milliseconds lease() const { return std::chrono::milliseconds(holder_.lease_ms); }

  void Arm(std::chrono::milliseconds delay);
  Task<void> Beat();
  // How long until the next one.
  Task<std::chrono::milliseconds> BeatOnce();
  Task<Status> Renew();
  Task<Status> Sweep();
  Task<bool> TakeUp(std::string row);
  [[nodiscard]] bool MayTakeUp(JsonView row) const;
  void SuspendAll(const char* reason);
  void Settle(const Status& swept);

  const Host& host_;
  RunQueue& queue_;
  const Holder holder_;
  const RunDriver* driver_ = nullptr;
  std::string began_at_;  // rows accepted before are of a former process
  Clock::time_point renewed_{};
  Clock::time_point swept_{};
  bool is_held_ = false;  // the lease was renewed in time

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  Timer timer_;                                          // guarded by mutex_
  bool is_open_ = false;                                 // guarded by mutex_
  bool is_beating_ = false;                              // guarded by mutex_
  bool is_ready_ = false;                                // guarded by mutex_
  bool is_sweep_wanted_ = true;                          // guarded by mutex_
  bool has_stopped_beating_ = false;                     // guarded by mutex_; no timer was to be had
  std::set<std::string> let_go_;                         // guarded by mutex_
  std::vector<std::function<void(Status)>> when_ready_;  // guarded by mutex_
};

}  // namespace tutti::runs
