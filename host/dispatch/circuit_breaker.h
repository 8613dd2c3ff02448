// Whether to ask something that may be away: lets everything through while it answers, refuses at once while it does
// not, and lets one question through every now and then to learn whether it is back.
//
// Closed until `failures` failures in a row, the first and the last at most `window` apart; then open for `pause`; then
// half-open: one question is let through, whose end closes or opens again. Any success closes it, also one of a
// question from before. Threads: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace tutti::host {

class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  enum class State { kClosed, kHalfOpen, kOpen };

  struct Settings {
    int failures = 5;  // in a row; 0: never opens
    std::chrono::milliseconds window{10000};
    std::chrono::milliseconds pause{1000};

    bool operator==(const Settings&) const = default;
  };

  struct Pass {
    bool is_admitted = true;
    bool is_probe = false;                     // to be told of to Leave, when it ends neither way
    std::chrono::milliseconds retry_after{0};  // when refused
  };

  struct View {
    State state = State::kClosed;
    bool is_failing = false;                   // the newest that is known is a failure
    std::chrono::milliseconds failing_for{0};  // since the first failure in a row
    std::uint64_t opened = 0;                  // how often
    std::uint64_t refused = 0;
    std::uint64_t failed = 0;
    std::string last_error;    // the newest failure's, also after it is over
    double last_error_at = 0;  // Unix time in seconds; 0: there was none
  };

  // What has changed by the call, for whoever tells about it.
  enum class Change { kNone, kOpened, kClosed };

  explicit CircuitBreaker(
      Settings settings, Clock clock = [] { return std::chrono::steady_clock::now(); })
      : settings_(settings), clock_(std::move(clock)) {}

  // Asks to be let through. Whoever is admitted says how it ended: Succeeded, Failed or Leave.
  Pass Enter();

  Change Succeeded();
  Change Failed(std::string_view why);

  // It ended in a way that says nothing.
  void Leave(const Pass& pass);

  // Open, and the pause is over: somebody may look.
  [[nodiscard]] bool IsDue() const;

  [[nodiscard]] View view() const;

 private:
  Change Open(Time now);

  const Settings settings_;
  const Clock clock_;
  mutable std::mutex mutex_;
  State state_ = State::kClosed;  // guarded by mutex_, as all below
  int failures_ = 0;              // in a row
  Time first_failure_;            // of those in a row
  Time window_from_;              // the failure that counting began with
  Time opened_at_;
  std::uint64_t opened_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t failed_ = 0;
  std::string last_error_;
  double last_error_at_ = 0;
};

// "closed", "half_open" or "open".
[[nodiscard]] std::string_view ToString(CircuitBreaker::State state);

}  // namespace tutti::host
