// Routes calls into a plugin and lets it be switched off while calls are running.
//
// Threads: Enter and Ticket from any thread, concurrently. Open and Close from the control thread only.
// Ownership: holds no plugin; the caller keeps the plugin alive until Close has returned kDrained.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace tutti::host {

class PluginGate {
 public:
  enum class CloseResult { kDrained, kTimedOut };

  static constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

  // Proof of being inside; empty when the gate was closed. Must not outlive its gate.
  class Ticket {
   public:
    Ticket() = default;

    explicit Ticket(PluginGate* gate) : gate_(gate) {}

    Ticket(Ticket&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}

    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }

    ~Ticket() {
      if (gate_ != nullptr) {
        gate_->Leave();
      }
    }

    explicit operator bool() const { return gate_ != nullptr; }

    // nullptr: empty.
    [[nodiscard]] const PluginGate* gate() const { return gate_; }

   private:
    PluginGate* gate_ = nullptr;
  };

  void Open();

  // Empty: closed, or `most` are inside already.
  [[nodiscard]] Ticket Enter(std::uint64_t most = kNoLimit);

  // Stops new entries and waits for running ones. kTimedOut: calls are still inside; do not destroy the plugin.
  [[nodiscard]] CloseResult Close(std::chrono::milliseconds grace);

  [[nodiscard]] bool is_open() const { return (state_.load() & 1U) != 0; }

  [[nodiscard]] std::uint64_t inside() const { return state_.load() >> 1U; }

 private:
  void Leave();

  // Bit 0: open. The rest counts who is inside.
  std::atomic<std::uint64_t> state_{0};
  std::mutex mutex_;
  std::condition_variable drained_;
};

}  // namespace tutti::host
