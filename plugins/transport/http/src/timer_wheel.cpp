#include "timer_wheel.h"

#include <algorithm>

namespace tutti::transport::http {

TimerWheel::TimerWheel(std::int64_t now_ms) : tick_(now_ms / kTickMs) {
  for (TimerNode& slot : slots_) {
    slot.previous = slot.next = &slot;
  }
}

void TimerWheel::Schedule(TimerNode& node, std::int64_t due_ms) {
  Cancel(node);
  node.due_ms = due_ms;
  Insert(node);
}

void TimerWheel::Cancel(TimerNode& node) {
  if (!node.is_scheduled()) {
    return;
  }
  node.previous->next = node.next;
  node.next->previous = node.previous;
  node.previous = node.next = nullptr;
}

// A deadline beyond the wheel's span waits in its last slot and is moved on from there.
void TimerWheel::Insert(TimerNode& node) {
  const std::int64_t wanted = std::min(node.due_ms, kNever - kTickMs) / kTickMs + 1;
  const std::int64_t tick = std::clamp(wanted, tick_ + 1, tick_ + static_cast<std::int64_t>(kSlots) - 1);
  TimerNode& slot = slots_[static_cast<std::size_t>(tick) % kSlots];
  node.previous = slot.previous;
  node.next = &slot;
  slot.previous->next = &node;
  slot.previous = &node;
  next_tick_ = std::min(next_tick_, tick);
}

int TimerWheel::SleepMs(std::int64_t now_ms) const {
  if (next_tick_ == kNever) {
    return -1;
  }
  return static_cast<int>(std::max<std::int64_t>(0, next_tick_ * kTickMs - now_ms));
}

TimerNode* TimerWheel::TakeDue(std::int64_t now_ms) {
  const std::int64_t now_tick = now_ms / kTickMs;
  while (next_tick_ <= now_tick) {
    TimerNode& slot = slots_[static_cast<std::size_t>(next_tick_) % kSlots];
    // Insert never uses the slot of tick_ itself, so what is moved on here leaves this slot for good.
    tick_ = std::max(tick_, next_tick_);
    while (slot.next != &slot) {
      TimerNode& node = *slot.next;
      Cancel(node);
      if (node.due_ms <= now_ms) {
        return &node;
      }
      Insert(node);
    }
    FindNext();
  }
  tick_ = std::max(tick_, std::min(now_tick, next_tick_ - 1));
  return nullptr;
}

void TimerWheel::FindNext() {
  for (std::int64_t tick = tick_ + 1; tick < tick_ + static_cast<std::int64_t>(kSlots); ++tick) {
    const TimerNode& slot = slots_[static_cast<std::size_t>(tick) % kSlots];
    if (slot.next != &slot) {
      next_tick_ = tick;
      return;
    }
  }
  next_tick_ = kNever;
}

}  // namespace tutti::transport::http
