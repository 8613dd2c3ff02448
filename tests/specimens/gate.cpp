// A gate before every command that allows everything, and denies everything when it is called after its end. It sees
// commands as an observer too.
#include <atomic>

#include "tutti/sdk/plugin.hpp"

namespace {

class Gate {
 public:
  explicit Gate(tutti::Host host) : host_(host) {}

  tutti::Status Activate() {
    is_active_ = true;
    return {};
  }

  void Deactivate() { is_active_ = false; }

  tutti::HookReply OnPoint(const tutti::Point&, std::string_view, const tutti::Call&) const {
    return is_active_ ? tutti::HookReply::Allow() : tutti::HookReply::Deny("the gate is not active");
  }

  void OnEvents(std::span<const tutti_event> events) {
    host_.Count(is_active_ ? "gate_seen_total" : "gate_seen_late_total", static_cast<double>(events.size()));
  }

 private:
  const tutti::Host host_;
  std::atomic<bool> is_active_{false};
};

}  // namespace

TUTTI_PLUGIN(Gate, "org.example.gate", "1.0.0")
