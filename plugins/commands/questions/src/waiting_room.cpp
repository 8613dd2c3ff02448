#include "waiting_room.h"

#include <utility>
#include <vector>

namespace tutti::questions {

bool WaitingRoom::Enter(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return waiters_.size() < most_ && waiters_.try_emplace(id).second;
}

void WaitingRoom::Wait(const std::string& id, Ended ended) {
  Ending ending = Ending::kCancelled;
  Timer timer;  // goes after the lock
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiters_.find(id);
    if (found != waiters_.end()) {
      if (!found->second.is_over) {
        found->second.ended = std::move(ended);
        return;
      }
      ending = found->second.ending;
      timer = std::move(found->second.timer);
      waiters_.erase(found);
    }
  }
  ended(ending);
}

void WaitingRoom::SetTimer(const std::string& id, Timer timer) {
  const std::lock_guard lock(mutex_);
  const auto found = waiters_.find(id);
  if (found != waiters_.end() && !found->second.is_over) {
    found->second.timer = std::move(timer);
  }
}

void WaitingRoom::End(const std::string& id, Ending ending) {
  Ended ended;
  Timer timer;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiters_.find(id);
    if (found == waiters_.end() || found->second.is_over) {
      return;
    }
    Waiter& waiter = found->second;
    timer = std::move(waiter.timer);
    if (!waiter.ended) {
      waiter.is_over = true;
      waiter.ending = ending;
      return;
    }
    ended = std::move(waiter.ended);
    waiters_.erase(found);
  }
  ended(ending);
}

void WaitingRoom::Leave(const std::string& id) {
  Timer timer;
  const std::lock_guard lock(mutex_);
  if (const auto found = waiters_.find(id); found != waiters_.end()) {
    timer = std::move(found->second.timer);
    waiters_.erase(found);
  }
}

void WaitingRoom::EndAll(Ending ending) {
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, waiter] : waiters_) {
      ids.push_back(id);
    }
  }
  for (const std::string& id : ids) {
    End(id, ending);
  }
}

}  // namespace tutti::questions
