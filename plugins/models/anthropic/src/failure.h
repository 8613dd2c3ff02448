// What can go wrong in one exchange with the API, with what the retry rules need to know.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::anthropic {

struct Failure {
  Status status;
  bool is_retryable = false;
  // What the server asked for; absent when it asked for nothing.
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

// What of an HTTP response matters for a failure.
struct ErrorResponse {
  int status = 0;
  std::string body;
  std::string request_id;      // request-id header
  std::string should_retry;    // x-should-retry header
  std::string retry_after_ms;  // retry-after-ms header
  std::string retry_after;     // retry-after header, seconds or an HTTP date
};

// 400 and 413 INVALID_ARGUMENT, 401 UNAUTHENTICATED, 402 and 403 PERMISSION_DENIED, 404 NOT_FOUND, 429
// RESOURCE_EXHAUSTED, 408, 409 and 5xx UNAVAILABLE, anything else INVALID_ARGUMENT. `now` is what a date is compared
// to.
Failure FromResponse(const ErrorResponse& response, std::chrono::system_clock::time_point now);

// An error event inside a stream; `data` is its JSON.
Failure FromErrorEvent(std::string_view data, std::string_view request_id);

// Connection lost, timeout, name not found.
Failure FromNetwork(const std::string& sentence);

}  // namespace tutti::anthropic
