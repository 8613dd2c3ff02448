// WaitingRoom: who in this process waits for the end of which approval.
//
// Threads: any; what is to be called is called without the lock, on the caller's stack.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace tutti::approvals {

enum class Ending { kClosed, kCancelled };

class WaitingRoom {
 public:
  using Ended = std::function<void(Ending)>;
  using Ticket = std::uint64_t;

  // Before the row is looked at, so that no end is missed.
  Ticket Enter(const std::string& approval);

  // Calls `ended` once this waiter has been ended, at once when it has been already. It then has left.
  void Wait(Ticket ticket, Ended ended);

  // Withdraws one that does not wait after all.
  void Leave(Ticket ticket);

  // Everybody who waits for this approval.
  void Close(const std::string& approval);

  // One of them.
  void Cancel(Ticket ticket);

  void CancelAll();

  // Approvals that somebody waits for.
  [[nodiscard]] std::vector<std::string> Awaited() const;

 private:
  struct Waiter {
    std::string approval;
    Ended ended;
    bool is_over = false;
    Ending ending = Ending::kCancelled;
  };

  void End(const std::vector<Ticket>& tickets, Ending ending);

  mutable std::mutex mutex_;
  Ticket next_ = 1;                   // guarded by mutex_
  std::map<Ticket, Waiter> waiters_;  // guarded by mutex_
};

}  // namespace tutti::approvals
