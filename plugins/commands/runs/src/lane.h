// Lane: one after another, without holding a thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "tutti/sdk/callback.hpp"

namespace tutti::runs {

// Threads: any. Whoever waits is resumed on the stack of whoever leaves.
class Lane {
 public:
  // Being in it. The lane must outlive it.
  class Hold {
   public:
    explicit Hold(Lane* lane) : lane_(lane) {}

    Hold(Hold&& other) noexcept : lane_(std::exchange(other.lane_, nullptr)) {}

    Hold& operator=(Hold&&) = delete;

    ~Hold() {
      if (lane_ != nullptr) {
        lane_->Leave();
      }
    }

   private:
    Lane* lane_;
  };

  // co_await it, then keep a Hold.
  [[nodiscard]] Callback<bool> Enter() {
    return Callback<bool>([this](Callback<bool>::Done done) {
      {
        const std::lock_guard lock(mutex_);
        if (is_busy_) {
          waiting_.push_back(std::move(done));
          return;
        }
        is_busy_ = true;
      }
      done(true);
    });
  }

 private:
  void Leave() {
    Callback<bool>::Done next;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        is_busy_ = false;
        return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next(true);
  }

  std::mutex mutex_;
  bool is_busy_ = false;                      // guarded by mutex_
  std::deque<Callback<bool>::Done> waiting_;  // guarded by mutex_
};

}  // namespace tutti::runs
