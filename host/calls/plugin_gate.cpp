#include "host/calls/plugin_gate.h"

namespace tutti::host {

void PluginGate::Open() {
  state_.fetch_or(1U);
}

PluginGate::Ticket PluginGate::Enter(std::uint64_t most) {
  const std::uint64_t before = state_.fetch_add(2U);
  if ((before & 1U) != 0 && before >> 1U < most) {
    return Ticket(this);
  }
  Leave();
  return {};
}

void PluginGate::Leave() {
  // 2: the last one inside, and the gate is closed.
  if (state_.fetch_sub(2U) == 2U) {
    const std::lock_guard lock(mutex_);
    drained_.notify_all();
  }
}

PluginGate::CloseResult PluginGate::Close(std::chrono::milliseconds grace) {
  state_.fetch_and(~std::uint64_t{1});
  std::unique_lock lock(mutex_);
  const bool drained = drained_.wait_for(lock, grace, [this] { return state_.load() == 0; });
  return drained ? CloseResult::kDrained : CloseResult::kTimedOut;
}

}  // namespace tutti::host
