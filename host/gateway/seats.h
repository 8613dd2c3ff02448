// How many long-lived connections there may be, of all protocols together.
//
// Threads: any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

namespace tutti::host {

// When a client without one may ask again.
inline constexpr std::chrono::seconds kSeatRetry{5};

class Seats {
 public:
  explicit Seats(std::size_t most) : most_(most) {}

  // false: all are taken.
  [[nodiscard]] bool Take() {
    std::size_t taken = taken_.load();
    while (taken < most_ && !taken_.compare_exchange_weak(taken, taken + 1)) {
    }
    return taken < most_;
  }

  void GiveBack() { --taken_; }

  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace tutti::host
