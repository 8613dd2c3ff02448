// How long functions of a plugin have been running that belong to no call: its process tells its host with every pong.
//
// Threads: any.
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <utility>

namespace tutti::host {

class CallbackClock {
 public:
  using Clock = std::chrono::steady_clock;

  struct Held {
    std::chrono::milliseconds age{0};
    const char* operation = "";  // empty: none runs
  };

  // While it lives, this function runs.
  class Running {
   public:
    // `operation` must live for ever.
    Running(CallbackClock& clock, const char* operation) : clock_(clock) {
      const std::lock_guard lock(clock_.mutex_);
      at_ = clock_.running_.insert(clock_.running_.end(), {Clock::now(), operation});
    }

    ~Running() {
      const std::lock_guard lock(clock_.mutex_);
      clock_.running_.erase(at_);
    }

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    CallbackClock& clock_;
    std::list<std::pair<Clock::time_point, const char*>>::iterator at_;
  };

  // The one that runs longest.
  [[nodiscard]] Held Longest(Clock::time_point now = Clock::now()) const {
    const std::lock_guard lock(mutex_);
    if (running_.empty()) {
      return {};
    }
    const auto& [since, operation] = running_.front();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(now - since), operation};
  }

 private:
  mutable std::mutex mutex_;
  std::list<std::pair<Clock::time_point, const char*>> running_;  // guarded by mutex_; the oldest first
};

}  // namespace tutti::host
