// Deadlines of many connections, each moved often and seldom reached. Moving one costs a few pointer writes.
//
// The owner of a node cancels it before the node goes. Times are milliseconds of one steady clock. Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tutti::transport::http {

struct TimerNode {
  TimerNode* previous = nullptr;
  TimerNode* next = nullptr;
  std::int64_t due_ms = 0;

  [[nodiscard]] bool is_scheduled() const { return next != nullptr; }
};

class TimerWheel {
 public:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  explicit TimerWheel(std::int64_t now_ms);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Sets or moves the node.
  void Schedule(TimerNode& node, std::int64_t due_ms);

  static void Cancel(TimerNode& node);

  // How long to sleep: until then nothing is due. -1: nothing is scheduled.
  [[nodiscard]] int SleepMs(std::int64_t now_ms) const;

  // Takes one node that is due off the wheel; nullptr when there is none. Call until then.
  [[nodiscard]] TimerNode* TakeDue(std::int64_t now_ms);

 private:
  static constexpr std::int64_t kTickMs = 8;
  static constexpr std::size_t kSlots = 1024;

  void Insert(TimerNode& node);
  void FindNext();

  std::array<TimerNode, kSlots> slots_;
  // All slots up to this tick have been emptied of what was due.
  std::int64_t tick_;
  // No slot before this tick holds a node; kNever when none does. May be too early, never too late.
  std::int64_t next_tick_ = kNever;
};

}  // namespace tutti::transport::http
