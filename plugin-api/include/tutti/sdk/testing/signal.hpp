// Signal: lets a test wait for anything that happens inside a fake host, with a deadline and without sleeping blindly.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace tutti::testing {

// The longest a fake waits for something that should have happened long ago.
inline constexpr std::chrono::milliseconds kPatience{10000};

// Threads: any.
class Signal {
 public:
  // Something may have changed: waiting conditions are looked at again.
  void Notify() {
    {
      const std::lock_guard lock(mutex_);
      ++changes_;
    }
    changed_.notify_all();
  }

  // Waits until `condition` holds; false when `timeout` passes first. `condition` is called on this thread with no lock
  // held. What changes without Notify is seen within 20 ms. `work`, when given, is called between looks and answers
  // whether it did anything: it lets the waiting thread run jobs itself.
  bool WaitUntil(const std::function<bool()>& condition, std::chrono::milliseconds timeout = kPatience,
                 const std::function<bool()>& work = nullptr) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      const std::uint64_t seen = Changes();
      if (condition()) {
        return true;
      }
      const auto now = std::chrono::steady_clock::now();
      if (now >= deadline) {
        return false;
      }
      if (work && work()) {
        continue;
      }
      std::unique_lock lock(mutex_);
      const auto look_again = std::min(deadline, now + std::chrono::milliseconds(20));
      changed_.wait_until(lock, look_again, [&] { return changes_ != seen; });
    }
  }

 private:
  std::uint64_t Changes() {
    const std::lock_guard lock(mutex_);
    return changes_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t changes_ = 0;  // guarded by mutex_
};

}  // namespace tutti::testing
