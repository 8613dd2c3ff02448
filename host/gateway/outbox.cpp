#include "host/gateway/outbox.h"

#include <utility>

namespace tutti::host {

void Outbox::Push(std::string message, bool is_droppable) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_ || (is_droppable && waiting_.size() >= limit_)) {
      return;
    }
    waiting_.push_back(std::move(message));
  }
  Flush();
}

void Outbox::Flush() {
  std::vector<tutti_code> accepted;
  std::unique_lock lock(mutex_);
  has_room_news_ = true;
  if (std::exchange(is_flushing_, true)) {
    return;
  }
  // Room that was announced while a refused Send was on its way counts: nobody will announce it again.
  while (!waiting_.empty() && std::exchange(has_room_news_, false)) {
    bool has_room = true;
    while (!waiting_.empty() && has_room) {
      std::string message = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      transport_.Send({connection_}, message, accepted);
      lock.lock();
      has_room = accepted.at(0) != TUTTI_WOULD_BLOCK;
      if (!has_room && !is_closed_) {
        waiting_.push_front(std::move(message));
      }
    }
  }
  is_flushing_ = false;
}

void Outbox::Close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  waiting_.clear();
}

std::size_t Outbox::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace tutti::host
