#include "host/isolation/restart_policy.h"

#include <algorithm>

namespace tutti::host {

std::optional<std::chrono::milliseconds> RestartPolicy::Died(Clock::time_point now) {
  while (!deaths_.empty() && now - deaths_.front() > settings_.window) {
    deaths_.pop_front();
  }
  deaths_.push_back(now);
  if (deaths_.size() > static_cast<std::size_t>(std::max(0, settings_.restarts))) {
    return std::nullopt;
  }
  std::chrono::milliseconds delay = settings_.first_delay;
  for (std::size_t i = 1; i < deaths_.size() && delay < settings_.longest_delay; ++i) {
    delay *= 2;
  }
  return std::min(delay, settings_.longest_delay);
}

}  // namespace tutti::host
