#include "failure.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/DateTimeParser.h>
#include <Poco/NumberParser.h>

#include <algorithm>
#include <cmath>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::anthropic {
namespace {

constexpr std::size_t kMaxMessageCharacters = 2000;
// Beyond this a number is no sensible waiting time; it also keeps the arithmetic in range.
constexpr double kMaxWaitMilliseconds = 7.0 * 24 * 3600 * 1000;

struct Kind {
  Code code;
  bool is_retryable;
};

Kind KindOfStatus(int status) {
  switch (status) {
    case 401:
      return {Code::kUnauthenticated, false};
    case 402:
    case 403:
      return {Code::kPermissionDenied, false};
    case 404:
      return {Code::kNotFound, false};
    case 408:
    case 409:
      return {Code::kUnavailable, true};
    case 429:
      return {Code::kResourceExhausted, true};
    default:
      return status >= 500 ? Kind{Code::kUnavailable, true} : Kind{Code::kInvalidArgument, false};
  }
}

Kind KindOfType(std::string_view type) {
  static constexpr std::pair<std::string_view, Kind> kTypes[] = {
      {"invalid_request_error", {Code::kInvalidArgument, false}},
      {"request_too_large", {Code::kInvalidArgument, false}},
      {"authentication_error", {Code::kUnauthenticated, false}},
      {"billing_error", {Code::kPermissionDenied, false}},
      {"permission_error", {Code::kPermissionDenied, false}},
      {"not_found_error", {Code::kNotFound, false}},
      {"rate_limit_error", {Code::kResourceExhausted, true}},
  };
  const auto* const found =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& entry) { return entry.first == type; });
  return found == std::end(kTypes) ? Kind{Code::kUnavailable, true} : found->second;
}

std::string Clean(std::string_view text) {
  return std::string(Utf8Prefix(CleanUtf8(text), kMaxMessageCharacters));
}

// "overloaded_error: Overloaded", or the start of what is no error object.
std::string Describe(std::string_view body) {
  const auto json = Json::Parse(body);
  if (json.ok() && (*json)["error"]["type"].is_string()) {
    return Clean(std::string((*json)["error"]["type"].AsString()) + ": " +
                 std::string((*json)["error"]["message"].AsString()));
  }
  return body.empty() ? "an empty body" : Clean(body.substr(0, kMaxMessageCharacters));
}

std::string WithRequestId(std::string_view request_id) {
  return request_id.empty() ? std::string(" (no request-id)") : " (request-id " + Clean(request_id) + ")";
}

std::optional<std::chrono::milliseconds> Milliseconds(const std::string& text, double factor) {
  double value = 0;
  if (text.empty() || !Poco::NumberParser::tryParseFloat(text, value) || !std::isfinite(value) || value < 0) {
    return {};
  }
  return std::chrono::milliseconds(std::llround(std::min(value * factor, kMaxWaitMilliseconds)));
}

std::optional<std::chrono::milliseconds> RetryAfter(const ErrorResponse& response,
                                                    std::chrono::system_clock::time_point now) {
  if (const auto wait = Milliseconds(response.retry_after_ms, 1)) {
    return wait;
  }
  if (const auto wait = Milliseconds(response.retry_after, 1000)) {
    return wait;
  }
  Poco::DateTime date;
  int zone = 0;
  // The parser takes almost anything for a date; only what comes out as it went in is one.
  const std::string format = Poco::DateTimeFormat::HTTP_FORMAT;
  if (response.retry_after.empty() || !Poco::DateTimeParser::tryParse(format, response.retry_after, date, zone) ||
      Poco::DateTimeFormatter::format(date, format) != response.retry_after) {
    return {};
  }
  const auto at =
      std::chrono::system_clock::time_point(std::chrono::microseconds(date.timestamp().epochMicroseconds()));
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(at - now);
  return std::clamp(wait, std::chrono::milliseconds(0),
                    std::chrono::milliseconds(static_cast<std::int64_t>(kMaxWaitMilliseconds)));
}

}  // namespace

Failure FromResponse(const ErrorResponse& response, std::chrono::system_clock::time_point now) {
  const Kind kind = KindOfStatus(response.status);
  Failure failure;
  failure.status = Status(kind.code, "the Messages API answered " + std::to_string(response.status) + " " +
                                         Describe(response.body) + WithRequestId(response.request_id));
  failure.is_retryable = kind.is_retryable;
  if (response.should_retry == "true" || response.should_retry == "false") {
    failure.is_retryable = response.should_retry == "true";
  }
  failure.retry_after = RetryAfter(response, now);
  return failure;
}

Failure FromErrorEvent(std::string_view data, std::string_view request_id) {
  const auto json = Json::Parse(data);
  const Kind kind = KindOfType(json.ok() ? (*json)["error"]["type"].AsString() : std::string_view());
  return {.status = Status(kind.code,
                           "the Messages API broke its stream off with " + Describe(data) + WithRequestId(request_id)),
          .is_retryable = kind.is_retryable};
}

Failure FromNetwork(const std::string& sentence) {
  return {.status = Status::Unavailable(sentence), .is_retryable = true};
}

}  // namespace tutti::anthropic
