// Says to one running exchange that nobody wants it any more, whatever it is blocked in.
//
// Threads: all functions from any thread. Ownership: shared by the side that runs and the side that cancels.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tutti::anthropic {

class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;
  ~Cancellation();

  // Ends waits and shuts the watched connection down, so that reads and writes on it fail at once. Final.
  void Cancel();

  [[nodiscard]] bool is_cancelled() const;

  // Returns true as soon as it is cancelled, false after the delay.
  [[nodiscard]] bool WaitFor(std::chrono::milliseconds delay);

  // Watches the connection behind a socket descriptor, instead of the one before. It keeps a duplicate, so the caller
  // may close its own at any time. Shuts it down at once when it is cancelled already.
  void Watch(int descriptor);

  void Unwatch();

 private:
  void CloseWatched();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_cancelled_ = false;  // guarded by mutex_
  int watched_ = -1;           // guarded by mutex_; our duplicate
};

}  // namespace tutti::anthropic
