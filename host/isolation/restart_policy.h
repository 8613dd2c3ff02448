// When a process that died is started again, and when it is given up.
//
// Plain class; one thread at a time.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

namespace tutti::host {

class RestartPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    std::chrono::milliseconds first_delay{250};
    std::chrono::milliseconds longest_delay{30000};
    int restarts = 5;  // in the window
    std::chrono::milliseconds window{60000};
  };

  explicit RestartPolicy(Settings settings) : settings_(settings) {}

  // How long to wait before the next start: doubled with each death in the window. Nothing: it died too often.
  std::optional<std::chrono::milliseconds> Died(Clock::time_point now);

  [[nodiscard]] const Settings& settings() const { return settings_; }

 private:
  const Settings settings_;
  std::deque<Clock::time_point> deaths_;  // within the window
};

}  // namespace tutti::host
