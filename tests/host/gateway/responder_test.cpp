#include "host/gateway/responder.h"

#include <gtest/gtest.h>

#include "tests/host/gateway/fake_transport.h"

namespace tutti::host {
namespace {

SentResponse Answered(const Status& status, ErrorBody form) {
  FakeTransport transport;
  const Exchange exchange{&transport, 1, "http://localhost:5175", {}};
  RespondStatus(exchange, status, form, "body");
  return transport.WaitForResponse(1).value_or(SentResponse{});
}

TEST(RespondStatus, DetailRoutesSayTheMessage) {
  const SentResponse sent = Answered(Status::NotFound("no agent 7"), ErrorBody::kDetail);
  EXPECT_EQ(sent.status, 404U);
  EXPECT_EQ(sent.body, R"({"detail":"no agent 7"})");
  EXPECT_EQ(sent.Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(sent.Header("Access-Control-Allow-Origin"), "http://localhost:5175");
  EXPECT_EQ(sent.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(sent.Header("Vary"), "Origin");
}

TEST(RespondStatus, FindingsGetTheirPlaceInFront) {
  const Status status = Status::InvalidArgument("wrong").WithDetails(
      R"({"errors":[{"type":"missing","loc":["message"],"msg":"Field required","input":{"a":1}}]})");
  EXPECT_EQ(Answered(status, ErrorBody::kDetail).body,
            R"({"detail":[{"type":"missing","loc":["body","message"],"msg":"Field required","input":{"a":1}}]})");
}

TEST(RespondStatus, ProblemRoutesSpeakProblemJson) {
  const Status status = Status::InvalidArgument("wrong").WithDetails(
      R"({"errors":[{"type":"missing","loc":["x"],"msg":"Field required","input":{}}]})");
  const SentResponse sent = Answered(status, ErrorBody::kProblem);
  EXPECT_EQ(sent.status, 422U);
  EXPECT_EQ(sent.Header("Content-Type"), "application/problem+json; charset=utf-8");
  EXPECT_EQ(sent.body,
            R"({"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"wrong",)"
            R"("code":"INVALID_ARGUMENT","errors":[{"type":"missing","loc":["body","x"],"msg":"Field required",)"
            R"("input":{}}]})");
}

TEST(RespondStatus, RetryHintsAreRoundedUpToSeconds) {
  const Status status = Status::Unavailable("away").WithRetryAfter(std::chrono::milliseconds(1001));
  const SentResponse sent = Answered(status, ErrorBody::kDetail);
  EXPECT_EQ(sent.status, 503U);
  EXPECT_EQ(sent.Header("Retry-After"), "2");
}

TEST(RespondStatus, WhatIsAwayAlwaysSaysWhenToComeBack) {
  for (const ErrorBody form : {ErrorBody::kDetail, ErrorBody::kProblem}) {
    EXPECT_EQ(Answered(Status::Unavailable("away"), form).Header("Retry-After"), "1");
    EXPECT_EQ(Answered(Status::NotFound("never there"), form).Header("Retry-After"), "");
  }
}

TEST(RespondStatus, EveryCodeHasItsHttpStatus) {
  for (int code = TUTTI_CANCELLED; code <= TUTTI_UNAUTHENTICATED; ++code) {
    const auto expected = static_cast<std::uint32_t>(tutti_status_find(code)->http);
    EXPECT_EQ(Answered(Status(static_cast<Code>(code), "x"), ErrorBody::kProblem).status, expected) << code;
  }
}

}  // namespace
}  // namespace tutti::host
