// WaitingRoom: the tool calls that wait for an answer in this process.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tutti/sdk/host.hpp"

namespace tutti::questions {

enum class Ending { kAnswered, kExpired, kCancelled };

// Each waiter is ended once, by the first of answer, expiry and cancellation. Threads: all functions from any thread;
// what is to be called is called without the lock, on the caller's stack.
class WaitingRoom {
 public:
  using Ended = std::function<void(Ending)>;

  explicit WaitingRoom(std::size_t most) : most_(most) {}

  // false: too many wait.
  [[nodiscard]] bool Enter(const std::string& id);

  // Calls `ended` once the waiter has been ended; at once when it has been already. It then has left.
  void Wait(const std::string& id, Ended ended);

  // The expiry, kept until the waiter has been ended.
  void SetTimer(const std::string& id, Timer timer);

  // Harmless for a waiter that is not there or has been ended.
  void End(const std::string& id, Ending ending);

  // Withdraws one that never waited.
  void Leave(const std::string& id);

  void EndAll(Ending ending);

 private:
  struct Waiter {
    Ended ended;
    bool is_over = false;
    Ending ending = Ending::kCancelled;
    Timer timer;
  };

  const std::size_t most_;
  std::mutex mutex_;
  std::map<std::string, Waiter> waiters_;  // guarded by mutex_
};

}  // namespace tutti::questions
