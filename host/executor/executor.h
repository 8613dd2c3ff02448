// The worker pool and the timers: every continuation of a call runs here.
//
// Threads: all functions from any thread. Workers may block, at the price of one of them; a wait for another call never
// does. Bound: Submit refuses beyond `queue` waiting pieces; Resume never does, because what it continues is bounded by
// the number of running calls.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tutti::host {

class Executor {
 public:
  using Work = std::function<void()>;
  using Clock = std::chrono::steady_clock;

  struct Settings {
    std::size_t workers = 4;
    std::size_t queue = 65536;
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

  // Runs what is queued, drops timers, ends the threads. Not from a worker.
  void Stop();

  [[nodiscard]] std::size_t queued() const;

 private:
  struct Timer {
    std::uint64_t id;
    Work work;
  };

  void RunWorker();
  void RunTimers();

  const Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Work> queue_;    // guarded by mutex_
  bool is_stopping_ = false;  // guarded by mutex_

  std::mutex timer_mutex_;
  std::condition_variable timer_ready_;
  std::multimap<Clock::time_point, Timer> timers_;  // guarded by timer_mutex_
  std::unordered_map<std::uint64_t, std::multimap<Clock::time_point, Timer>::iterator> timer_by_id_;  // same
  std::uint64_t next_timer_ = 1;  // guarded by timer_mutex_
  bool timers_stopping_ = false;  // guarded by timer_mutex_

  std::vector<std::thread> workers_;
  std::thread timer_thread_;
};

}  // namespace tutti::host
