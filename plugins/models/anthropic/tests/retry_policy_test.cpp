#include "retry_policy.h"

#include <gtest/gtest.h>

namespace tutti::anthropic {
namespace {

using std::chrono::milliseconds;

const auto kNow = std::chrono::system_clock::from_time_t(1'700'000'000);  // Tue, 14 Nov 2023 22:13:20 GMT

TEST(Failure, StatusDecidesCodeAndRetry) {
  const struct {
    int status;
    Code code;
    bool is_retryable;
  } cases[] = {{400, Code::kInvalidArgument, false},  {401, Code::kUnauthenticated, false},
               {402, Code::kPermissionDenied, false}, {403, Code::kPermissionDenied, false},
               {404, Code::kNotFound, false},         {408, Code::kUnavailable, true},
               {409, Code::kUnavailable, true},       {413, Code::kInvalidArgument, false},
               {422, Code::kInvalidArgument, false},  {429, Code::kResourceExhausted, true},
               {500, Code::kUnavailable, true},       {503, Code::kUnavailable, true},
               {504, Code::kUnavailable, true},       {529, Code::kUnavailable, true},
               {302, Code::kInvalidArgument, false}};

  for (const auto& [status, code, is_retryable] : cases) {
    const Failure failure = FromResponse({.status = status, .request_id = "req_9"}, kNow);
    EXPECT_EQ(failure.status.code(), code) << status;
    EXPECT_EQ(failure.is_retryable, is_retryable) << status;
    EXPECT_NE(failure.status.message().find("req_9"), std::string_view::npos) << status;
  }
}

TEST(Failure, ShouldRetryHeaderDecidesFirst) {
  EXPECT_FALSE(FromResponse({.status = 529, .should_retry = "false"}, kNow).is_retryable);
  EXPECT_TRUE(FromResponse({.status = 400, .should_retry = "true"}, kNow).is_retryable);
}

TEST(Failure, ReadsTheWaitInEveryForm) {
  const struct {
    const char* retry_after_ms;
    const char* retry_after;
    std::optional<milliseconds> expected;
  } cases[] = {{"", "", {}},
               {"250", "9", milliseconds(250)},
               {"", "2", milliseconds(2000)},
               {"", "0.5", milliseconds(500)},
               {"", "Tue, 14 Nov 2023 22:13:27 GMT", milliseconds(7000)},
               {"", "Tue, 14 Nov 2023 22:00:00 GMT", milliseconds(0)},
               {"soon", "-3", {}},
               {"", "later", {}},
               {"", "1e300", milliseconds(7LL * 24 * 3600 * 1000)}};

  for (const auto& [retry_after_ms, retry_after, expected] : cases) {
    const Failure failure =
        FromResponse({.status = 429, .retry_after_ms = retry_after_ms, .retry_after = retry_after}, kNow);
    EXPECT_EQ(failure.retry_after, expected) << retry_after_ms << " / " << retry_after;
  }
}

TEST(Failure, MessageQuotesErrorObjectOrBody) {
  const auto message = [](const char* body) {
    return std::string(FromResponse({.status = 400, .body = body}, kNow).status.message());
  };
  EXPECT_NE(message(R"({"type":"error","error":{"type":"invalid_request_error","message":"too long"}})")
                .find("400 invalid_request_error: too long"),
            std::string::npos);
  EXPECT_NE(message("<html>bad\xFF").find("<html>bad\xEF\xBF\xBD"), std::string::npos);
  EXPECT_NE(message("").find("an empty body"), std::string::npos);
}

TEST(RetryPolicy, DelayDoublesUpToItsBoundWithJitterTakenOff) {
  const RetryPolicy policy({.max_retries = 9});
  const Failure failure = FromNetwork("lost");
  const std::int64_t expected[] = {500, 1000, 2000, 4000, 8000, 8000};
  for (int attempt = 1; attempt <= 6; ++attempt) {
    EXPECT_EQ(policy.DelayBefore(attempt, failure, 0), milliseconds(expected[attempt - 1]));
    EXPECT_EQ(policy.DelayBefore(attempt, failure, 1), milliseconds(expected[attempt - 1] * 3 / 4));
  }
}

TEST(RetryPolicy, GivesUpWhenThereIsNoReasonToGoOn) {
  const RetryPolicy policy(RetrySettings{});
  const Failure lost = FromNetwork("lost");
  EXPECT_TRUE(policy.DelayBefore(2, lost, 0));
  EXPECT_FALSE(policy.DelayBefore(3, lost, 0));
  EXPECT_FALSE(policy.DelayBefore(1, FromResponse({.status = 400}, kNow), 0));
  EXPECT_FALSE(policy.DelayBefore(1, FromResponse({.status = 429, .retry_after = "61"}, kNow), 0));
  EXPECT_EQ(policy.DelayBefore(1, FromResponse({.status = 429, .retry_after = "60"}, kNow), 0.9), milliseconds(60000));
}

}  // namespace
}  // namespace tutti::anthropic
