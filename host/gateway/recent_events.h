// The end of a stream as it was delivered: the number of the last event, and the last events without a hole.
//
// Bound: `events` and `bytes`, whichever is less. Threads: one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "host/events/event.h"

namespace tutti::host {

class RecentEvents {
 public:
  RecentEvents(std::size_t events, std::size_t bytes) : most_events_(events), most_bytes_(bytes) {}

  // Whether anything was delivered so far.
  [[nodiscard]] bool is_known() const { return is_known_; }

  // The last number. REQUIRES: is_known().
  [[nodiscard]] std::uint64_t head() const { return head_; }

  // The event became the last one. What was before a hole is forgotten.
  void Push(const EventPtr& event);

  // The last number is this one, though its event is not here.
  void Jump(std::uint64_t head);

  // Whether every event behind `position` is here.
  [[nodiscard]] bool Covers(std::uint64_t position) const;

  // At most `most` events behind `position`, the earliest first. REQUIRES: Covers(position).
  [[nodiscard]] std::vector<EventPtr> After(std::uint64_t position, std::size_t most) const;

 private:
  const std::size_t most_events_;
  const std::size_t most_bytes_;
  std::deque<EventPtr> events_;
  std::size_t bytes_ = 0;
  std::uint64_t head_ = 0;
  bool is_known_ = false;
};

}  // namespace tutti::host
