#include "tutti/sdk/status.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace tutti {
namespace {

TEST(Status, DefaultIsOkAndCostsOnePointerPair) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), Code::kOk);
  EXPECT_EQ(status.message(), "");
  EXPECT_EQ(status.ToString(), "OK");
  EXPECT_EQ(sizeof(Status), sizeof(std::shared_ptr<int>));
}

TEST(Status, OkCodeDropsItsMessage) {
  EXPECT_TRUE(Status(Code::kOk, "unused").ok());
}

TEST(Status, NamedConstructorsCarryTheirCode) {
  EXPECT_EQ(Status::Cancelled("m").code(), Code::kCancelled);
  EXPECT_EQ(Status::InvalidArgument("m").code(), Code::kInvalidArgument);
  EXPECT_EQ(Status::DeadlineExceeded("m").code(), Code::kDeadlineExceeded);
  EXPECT_EQ(Status::NotFound("m").code(), Code::kNotFound);
  EXPECT_EQ(Status::AlreadyExists("m").code(), Code::kAlreadyExists);
  EXPECT_EQ(Status::PermissionDenied("m").code(), Code::kPermissionDenied);
  EXPECT_EQ(Status::ResourceExhausted("m").code(), Code::kResourceExhausted);
  EXPECT_EQ(Status::FailedPrecondition("m").code(), Code::kFailedPrecondition);
  EXPECT_EQ(Status::Unimplemented("m").code(), Code::kUnimplemented);
  EXPECT_EQ(Status::Internal("m").code(), Code::kInternal);
  EXPECT_EQ(Status::Unavailable("m").code(), Code::kUnavailable);
  EXPECT_EQ(Status::NotFound("no such agent").ToString(), "NOT_FOUND: no such agent");
}

TEST(Status, DetailsAndRetryHintLeaveTheOriginalAlone) {
  const Status plain = Status::Unavailable("away");
  const Status full = plain.WithDetails("{}").WithRetryAfter(std::chrono::seconds(2));
  EXPECT_EQ(full.details(), "{}");
  EXPECT_EQ(full.retry_after(), std::chrono::milliseconds(2000));
  EXPECT_EQ(full.message(), "away");
  EXPECT_EQ(plain.details(), "");
  EXPECT_EQ(plain.retry_after(), std::chrono::milliseconds(0));
}

TEST(StatusTable, RowsStandAtTheNumberOfTheirCode) {
  for (tutti_code code = TUTTI_OK; code <= TUTTI_UNAUTHENTICATED; ++code) {
    EXPECT_EQ(tutti_status_find(code)->code, code);
  }
}

TEST(StatusTable, NumbersOutsideAreUnknown) {
  for (const tutti_code code : {-1, 17, int{TUTTI_WOULD_BLOCK}}) {
    EXPECT_EQ(tutti_status_find(code)->code, TUTTI_UNKNOWN) << code;
  }
}

TEST(Result, HoldsAValueOrAStatus) {
  const Result<std::string> value = std::string("text");
  const Result<std::string> error = Status::NotFound("nothing");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, "text");
  EXPECT_EQ(value->size(), 4U);
  EXPECT_TRUE(value.status().ok());
  ASSERT_FALSE(error.ok());
  EXPECT_EQ(error.status().code(), Code::kNotFound);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

}  // namespace
}  // namespace tutti
