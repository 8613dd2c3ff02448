// A rate limit per agent. Teaches: shared state under a lock, a bound on it, and RESOURCE_EXHAUSTED with a retry hint.
#include "tutti/sdk/plugin.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>

class RateLimit {
 public:
  explicit RateLimit(tutti::Host /*host*/) {}

  tutti::Status Init(const tutti::Config& config) {
    // The host has checked it, but no configuration should be able to end the process.
    const std::int64_t calls = std::max<std::int64_t>(1, config["calls_per_minute"].AsInt());
    pause_ = std::chrono::nanoseconds(std::chrono::minutes(1)) / calls;
    burst_ = std::chrono::minutes(1);
    max_agents_ = static_cast<std::size_t>(config["max_agents"].AsInt());
    return {};
  }

  // A gate that fails denies, unless the manifest's on_fault says otherwise; the hint says when to try again.
  tutti::HookReply OnPoint(const tutti::Point& /*point*/, std::string_view /*payload*/, const tutti::Call& call) {
    const std::chrono::nanoseconds wait = Take(call.agent());
    if (wait.count() == 0) {
      return tutti::HookReply::Allow();
    }
    const auto hint = std::chrono::ceil<std::chrono::milliseconds>(wait);
    return tutti::HookReply::Fail(
        tutti::Status::ResourceExhausted("this agent made too many tool calls within a minute; try again in " +
                                         std::to_string(hint.count()) + " ms")
            .WithRetryAfter(hint));
  }

 private:
  using Clock = std::chrono::steady_clock;

  // How long to wait; zero takes one call. Each agent has one number: when its budget would be full again (the generic
  // cell rate algorithm).
  std::chrono::nanoseconds Take(const std::string& agent) {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    if (full_at_.size() >= max_agents_) {
      std::erase_if(full_at_, [&](const auto& entry) { return entry.second <= now; });
    }
    if (full_at_.size() >= max_agents_ && full_at_.count(agent) == 0) {
      return burst_;
    }
    Clock::time_point& full_at = full_at_[agent];
    const Clock::time_point next = std::max(full_at, now) + pause_;
    if (next - now > burst_) {
      return next - now - burst_;
    }
    full_at = next;
    return std::chrono::nanoseconds(0);
  }

  std::chrono::nanoseconds pause_{0};
  std::chrono::nanoseconds burst_{0};
  std::size_t max_agents_ = 0;
  std::mutex mutex_;
  std::map<std::string, Clock::time_point> full_at_;  // guarded by mutex_
};

TUTTI_PLUGIN(RateLimit, "org.example.rate_limit", "1.0.0")
