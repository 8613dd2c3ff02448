// When a client shall come back after a failure: what the status says, and about a second for whatever is away without
// having said more, so that no 503 leaves a client guessing.
#pragma once

#include <chrono>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// 0: there is no use in trying again as it is.
inline std::chrono::milliseconds RetryAfter(const Status& status) {
  constexpr std::chrono::milliseconds kUsual{1000};
  const bool is_away = status.code() == Code::kUnavailable && status.retry_after().count() <= 0;
  return is_away ? kUsual : status.retry_after();
}

// The value of the header Retry-After: whole seconds, rounded up.
inline std::string RetryAfterSeconds(std::chrono::milliseconds delay) {
  return std::to_string((delay.count() + 999) / 1000);
}

}  // namespace tutti::host
