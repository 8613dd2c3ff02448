// When a failed exchange is tried again, and after how long.
#pragma once

#include <chrono>
#include <optional>

#include "failure.h"

namespace tutti::anthropic {

struct RetrySettings {
  int max_retries = 2;
  std::chrono::milliseconds initial_delay{500};  // doubles with every retry
  std::chrono::milliseconds max_delay{8000};
  // A server that asks for a longer wait gets no retry: the failure goes to the caller with that hint.
  std::chrono::milliseconds max_retry_after{60000};
};

// Immutable; any thread.
class RetryPolicy {
 public:
  explicit RetryPolicy(const RetrySettings& settings) : settings_(settings) {}

  // How long to wait before retry number `attempt` (from 1); absent: give up. `random` in [0, 1) takes up to a quarter
  // off, so that many clients do not come back at once.
  [[nodiscard]] std::optional<std::chrono::milliseconds> DelayBefore(int attempt, const Failure& failure,
                                                                     double random) const;

 private:
  RetrySettings settings_;
};

}  // namespace tutti::anthropic
