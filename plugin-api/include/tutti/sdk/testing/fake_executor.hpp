// FakeExecutor: the worker pool and the timers of a fake host.
//
// With workers it behaves like the host's own pool: real threads, a bounded queue, real time. With none it is pumped by
// hand: jobs run only inside Pump, on the calling thread, and time passes only through Advance.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tutti/sdk/testing/signal.hpp"

namespace tutti::testing {

// Threads: any, concurrently; the destructor from the thread that made it. Jobs must not throw.
class FakeExecutor {
 public:
  using Job = std::function<void()>;

  // `capacity`: jobs that may wait before Post answers false. `signal` is notified after every job and must outlive
  // this object.
  FakeExecutor(unsigned workers, std::size_t capacity, Signal& signal)
      : signal_(signal), capacity_(capacity), is_manual_(workers == 0) {
    for (unsigned i = 0; i < workers; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }

  // Runs what is queued, drops timers, and joins.
  ~FakeExecutor() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
      timers_.clear();
    }
    woken_.notify_all();
    for (std::thread& thread : threads_) {
      thread.join();
    }
    Pump();
  }

  FakeExecutor(const FakeExecutor&) = delete;
  FakeExecutor& operator=(const FakeExecutor&) = delete;

  [[nodiscard]] bool is_manual() const { return is_manual_; }

  // false: the queue is full, the job will not run.
  [[nodiscard]] bool Post(Job job) {
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() >= capacity_) {
        return false;
      }
      queue_.push_back(std::move(job));
    }
    Wake();
    return true;
  }

  // For the fake host's own deliveries, which have to arrive however full the queue is.
  void PostAlways(Job job) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(job));
    }
    Wake();
  }

  // Returns the timer's number.
  std::uint64_t PostAfter(std::chrono::milliseconds delay, Job job) {
    std::uint64_t id = 0;
    {
      const std::lock_guard lock(mutex_);
      id = ++last_timer_;
      timers_.emplace(id, Timer{Now() + delay, std::move(job)});
    }
    Wake();
    return id;
  }

  // false: it ran, is running or is queued to run, or was cancelled before.
  bool CancelTimer(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    return timers_.erase(id) > 0;
  }

  // Runs what is queued, on this thread, until nothing is; returns how many jobs ran.
  std::size_t Pump() {
    std::size_t count = 0;
    std::unique_lock lock(mutex_);
    for (QueueDueTimers(); !queue_.empty(); QueueDueTimers()) {
      RunFront(lock);
      ++count;
    }
    return count;
  }

  // Lets virtual time pass in an executor without workers, then pumps.
  std::size_t Advance(std::chrono::milliseconds time) {
    {
      const std::lock_guard lock(mutex_);
      skipped_ += time;
    }
    return Pump();
  }

  // Makes every timer due now: for the end of a plugin, whose timers would otherwise never run nor be freed. Returns
  // how many of them were not due yet.
  std::size_t ExpireTimers() {
    std::size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      for (auto& [id, timer] : timers_) {
        count += timer.due > Now() ? 1 : 0;
        timer.due = std::min(timer.due, Now());
      }
    }
    if (count > 0) {
      Wake();
    }
    return count;
  }

  // Nothing queued, due or running. Timers for later may be set.
  [[nodiscard]] bool IsIdle() {
    const std::lock_guard lock(mutex_);
    const auto next = NextTimer();
    return queue_.empty() && running_ == 0 && (next == timers_.end() || next->second.due > Now());
  }

 private:
  using Clock = std::chrono::steady_clock;

  struct Timer {
    Clock::time_point due;
    Job job;
  };

  void Wake() {
    woken_.notify_one();
    signal_.Notify();
  }

  // Virtual time stands still unless advanced.
  [[nodiscard]] Clock::time_point Now() const { return is_manual_ ? Clock::time_point{} + skipped_ : Clock::now(); }

  // REQUIRES: mutex_ held.
  void QueueDueTimers() {
    for (;;) {
      const auto next = NextTimer();
      if (next == timers_.end() || next->second.due > Now()) {
        return;
      }
      queue_.push_back(std::move(next->second.job));
      timers_.erase(next);
    }
  }

  // REQUIRES: mutex_ held.
  std::map<std::uint64_t, Timer>::iterator NextTimer() {
    return std::min_element(timers_.begin(), timers_.end(),
                            [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
  }

  // REQUIRES: `lock` held and the queue not empty.
  void RunFront(std::unique_lock<std::mutex>& lock) {
    Job job = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    --running_;
    lock.unlock();
    signal_.Notify();
    lock.lock();
  }

  void Work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      QueueDueTimers();
      if (!queue_.empty()) {
        RunFront(lock);
        continue;
      }
      if (is_stopping_) {
        return;
      }
      const auto next = NextTimer();
      if (next == timers_.end()) {
        woken_.wait(lock);
      } else {
        const Clock::time_point due = next->second.due;  // a copy: the timer may go away while this thread waits
        woken_.wait_until(lock, due);
      }
    }
  }

  Signal& signal_;
  const std::size_t capacity_;
  const bool is_manual_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<Job> queue_;                  // guarded by mutex_
  std::map<std::uint64_t, Timer> timers_;  // guarded by mutex_
  std::uint64_t last_timer_ = 0;           // guarded by mutex_
  std::size_t running_ = 0;                // guarded by mutex_
  std::chrono::milliseconds skipped_{0};   // guarded by mutex_
  bool is_stopping_ = false;               // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace tutti::testing
