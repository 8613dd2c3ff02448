#include "waiting_room.h"

#include <utility>

namespace tutti::approvals {

WaitingRoom::Ticket WaitingRoom::Enter(const std::string& approval) {
  const std::lock_guard lock(mutex_);
  waiters_[next_].approval = approval;
  return next_++;
}

void WaitingRoom::Wait(Ticket ticket, Ended ended) {
  Ending ending = Ending::kCancelled;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = waiters_.find(ticket); found != waiters_.end()) {
      if (!found->second.is_over) {
        found->second.ended = std::move(ended);
        return;
      }
      ending = found->second.ending;
      waiters_.erase(found);
    }
  }
  ended(ending);
}

void WaitingRoom::Leave(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  waiters_.erase(ticket);
}

void WaitingRoom::Close(const std::string& approval) {
  std::vector<Ticket> tickets;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [ticket, waiter] : waiters_) {
      if (waiter.approval == approval) {
        tickets.push_back(ticket);
      }
    }
  }
  End(tickets, Ending::kClosed);
}

void WaitingRoom::Cancel(Ticket ticket) {
  End({ticket}, Ending::kCancelled);
}

void WaitingRoom::CancelAll() {
  std::vector<Ticket> tickets;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [ticket, waiter] : waiters_) {
      tickets.push_back(ticket);
    }
  }
  End(tickets, Ending::kCancelled);
}

std::vector<std::string> WaitingRoom::Awaited() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [ticket, waiter] : waiters_) {
    ids.push_back(waiter.approval);
  }
  return ids;
}

void WaitingRoom::End(const std::vector<Ticket>& tickets, Ending ending) {
  for (const Ticket ticket : tickets) {
    Ended ended;
    {
      const std::lock_guard lock(mutex_);
      const auto found = waiters_.find(ticket);
      if (found == waiters_.end() || found->second.is_over) {
        continue;
      }
      if (!found->second.ended) {
        found->second.is_over = true;
        found->second.ending = ending;
        continue;
      }
      ended = std::move(found->second.ended);
      waiters_.erase(found);
    }
    ended(ending);
  }
}

}  // namespace tutti::approvals
