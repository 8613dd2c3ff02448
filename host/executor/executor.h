// The worker pool and the timers: every continuation of a call runs here.
//
// Threads: all functions from any thread. Workers may block, at the price of one of them; a wait for another call never
// does. A worker that a plugin does not give back can be replaced; then it ends by itself if it ever comes back.
// Bound: Submit refuses beyond `queue` waiting pieces; Resume never does, because what it continues is bounded by the
// number of running calls. Replace stops at `lost_threads` that are lost at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "host/containment/in_plugin.h"

namespace tutti::host {

class Executor {
 public:
  using Work = std::function<void()>;
  using Clock = std::chrono::steady_clock;

  struct Settings {
    std::size_t workers = 4;
    std::size_t queue = 65536;
    std::size_t lost_threads = 8;  // replaced and not back yet
  };

  explicit Executor(Settings settings);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // false: the queue is full or the pool has stopped; `work` does not run.
  [[nodiscard]] bool Submit(Work work);

  // Continues something already under way. After Stop it runs on the calling thread, so that every call still ends.
  void Resume(Work work);

  // Runs `work` on a worker after `delay`. 0: the queue is full or the pool has stopped.
  std::uint64_t SubmitAfter(std::chrono::milliseconds delay, Work work);

  // true: it will not run. false: it ran, is running, or never was.
  bool CancelTimer(std::uint64_t timer);

  static constexpr std::chrono::milliseconds kForEver = std::chrono::hours(24 * 365);

  // Runs what is queued, drops timers, ends the threads. Not from a worker. false: a thread did not come back within
  // `grace`; it still uses this object, which may not be destroyed then.
  bool Stop(std::chrono::milliseconds grace = kForEver);

  enum class Replacement {
    kReplaced,    // the thread is lost, and there is another in its place
    kNoneLeft,    // the thread is lost, and so are `lost_threads` others: the pool is smaller from now on
    kLost,        // it was lost before
    kNotAWorker,  // it is no thread of this pool
  };

  // Gives up the worker with this slot. Should it come back it ends, and makes room for another replacement.
  Replacement Replace(const ThreadSlot& slot);

  // Workers that are lost and not back.
  [[nodiscard]] std::size_t lost() const;

  // Whether the pool has fewer workers than it should.
  [[nodiscard]] bool is_short() const;

  [[nodiscard]] std::size_t queued() const;

 private:
  struct Timer {
    std::uint64_t id;
    Work work;
  };

  struct Worker {
    std::thread thread;
    const ThreadSlot* slot = nullptr;  // set by the thread itself
    bool is_lost = false;
    bool has_ended = false;
  };

  void AddWorker();
  void RunWorker(Worker& self);
  void End(Worker& self);
  void RunTimers();

  const Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Work> queue_;     // guarded by mutex_
  bool is_stopping_ = false;   // guarded by mutex_
  std::list<Worker> workers_;  // guarded by mutex_; addresses are stable
  std::size_t lost_ = 0;       // guarded by mutex_
  std::size_t serving_ = 0;    // guarded by mutex_; workers that are not lost
  std::condition_variable ended_;

  std::mutex timer_mutex_;
  std::condition_variable timer_ready_;
  std::multimap<Clock::time_point, Timer> timers_;  // guarded by timer_mutex_
  std::unordered_map<std::uint64_t, std::multimap<Clock::time_point, Timer>::iterator> timer_by_id_;  // same
  std::uint64_t next_timer_ = 1;  // guarded by timer_mutex_
  bool timers_stopping_ = false;  // guarded by timer_mutex_

  std::thread timer_thread_;
};

}  // namespace tutti::host
