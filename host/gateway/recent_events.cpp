#include "host/gateway/recent_events.h"

#include <algorithm>

namespace tutti::host {

namespace {

std::size_t BytesOf(const Event& event) {
  return event.data.size() + event.stream.size() + event.tree.size() + sizeof event;
}

}  // namespace

void RecentEvents::Push(const EventPtr& event) {
  if (!is_known_ || event->seq != head_ + 1) {
    Jump(event->seq - 1);
  }
  head_ = event->seq;
  events_.push_back(event);
  bytes_ += BytesOf(*event);
  while (!events_.empty() && (events_.size() > most_events_ || bytes_ > most_bytes_)) {
    bytes_ -= BytesOf(*events_.front());
    events_.pop_front();
  }
}

void RecentEvents::Jump(std::uint64_t head) {
  events_.clear();
  bytes_ = 0;
  head_ = head;
  is_known_ = true;
}

bool RecentEvents::Covers(std::uint64_t position) const {
  return is_known_ && position <= head_ && head_ - position <= events_.size();
}

std::vector<EventPtr> RecentEvents::After(std::uint64_t position, std::size_t most) const {
  const auto missing = static_cast<std::size_t>(head_ - position);
  const auto begin = events_.end() - static_cast<std::ptrdiff_t>(missing);
  return {begin, begin + static_cast<std::ptrdiff_t>(std::min(missing, most))};
}

}  // namespace tutti::host
