#include "retry_policy.h"

#include <algorithm>
#include <cmath>

namespace tutti::anthropic {

std::optional<std::chrono::milliseconds> RetryPolicy::DelayBefore(int attempt, const Failure& failure,
                                                                  double random) const {
  if (attempt > settings_.max_retries || !failure.is_retryable) {
    return {};
  }
  if (failure.retry_after) {
    if (*failure.retry_after > settings_.max_retry_after) {
      return {};
    }
    return failure.retry_after;
  }
  const double doubled = static_cast<double>(settings_.initial_delay.count()) * std::pow(2.0, attempt - 1);
  const double full = std::min(doubled, static_cast<double>(settings_.max_delay.count()));
  return std::chrono::milliseconds(std::llround(full * (1.0 - 0.25 * random)));
}

}  // namespace tutti::anthropic
