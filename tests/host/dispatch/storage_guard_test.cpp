#include "host/dispatch/storage_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;
using Lane = StorageGuard::Lane;

class Guard : public ::testing::Test {
 protected:
  static StorageGuard::Settings Settings() {
    return {.breaker = {.failures = 2, .window = milliseconds(60000), .pause = milliseconds(1000)},
            .slow = milliseconds(5000),
            .waiting = 3};
  }

  void Pass(int ms) { now_ += milliseconds(ms); }

  StorageGuard::Ticket Enter(Lane lane) {
    const auto ticket = guard_.Enter(lane, false);
    EXPECT_TRUE(ticket.ok()) << ticket.status().ToString();
    return ticket.ok() ? *ticket : StorageGuard::Ticket();
  }

  void Fail(Lane lane, int times = 2) {
    for (int i = 0; i < times; ++i) {
      guard_.Leave(Enter(lane), Status::Unavailable("connection refused"));
    }
  }

  CircuitBreaker::Time now_{milliseconds(1000000)};
  std::vector<std::string> changes_;
  StorageGuard guard_{Settings(),
                      [this](Lane lane, CircuitBreaker::Change change, const CircuitBreaker::View& view) {
                        changes_.push_back(std::string(ToString(lane)) +
                                           (change == CircuitBreaker::Change::kOpened ? " opened " : " closed ") +
                                           view.last_error);
                      },
                      [this] { return now_; }};
};

TEST_F(Guard, RefusesWithReasonAndHintAndGoesOnByItself) {
  Fail(Lane::kWrite);
  Pass(400);
  const auto refused = guard_.Enter(Lane::kWrite, false);
  EXPECT_EQ(refused.status().code(), Code::kUnavailable);
  EXPECT_EQ(refused.status().retry_after(), milliseconds(600));
  EXPECT_NE(refused.status().message().find("connection refused"), std::string_view::npos);
  EXPECT_NE(guard_.Reason().find("connection refused"), std::string::npos) << guard_.Reason();
  Pass(600);
  guard_.Leave(Enter(Lane::kWrite), Status());
  EXPECT_TRUE(guard_.Enter(Lane::kWrite, false).ok());
  EXPECT_EQ(guard_.Reason(), "");
  EXPECT_EQ(changes_, (std::vector<std::string>{"write opened connection refused", "write closed connection refused"}));
}

TEST_F(Guard, ReadersGoOnWhileNothingCanBeStored) {
  Fail(Lane::kWrite);
  EXPECT_FALSE(guard_.Enter(Lane::kWrite, false).ok());
  guard_.Leave(Enter(Lane::kRead), Status());
  EXPECT_FALSE(guard_.Enter(Lane::kWrite, false).ok());
  EXPECT_NE(guard_.Reason().find("nothing can be stored"), std::string::npos);
}

TEST_F(Guard, WhatRecoveryDependsOnIsNeverRefusedAndItsSuccessCloses) {
  Fail(Lane::kWrite);
  for (int i = 0; i < 5; ++i) {
    const auto urgent = guard_.Enter(Lane::kWrite, true);
    ASSERT_TRUE(urgent.ok());
    guard_.Leave(*urgent, Status::Unavailable("still away"));
  }
  const auto urgent = guard_.Enter(Lane::kWrite, true);
  ASSERT_TRUE(urgent.ok());
  guard_.Leave(*urgent, Status());
  EXPECT_TRUE(guard_.Enter(Lane::kWrite, false).ok());
}

TEST_F(Guard, AnswersThatAreOverdueCountOnceWhileTheyAreWaitedFor) {
  const auto first = Enter(Lane::kWrite);
  const auto second = Enter(Lane::kWrite);
  Pass(4999);
  guard_.Look();
  EXPECT_TRUE(guard_.Reason().empty());
  Pass(1);
  guard_.Look();
  guard_.Look();
  EXPECT_EQ(guard_.view(Lane::kWrite).failed, 2U);
  EXPECT_NE(guard_.Reason().find("has not answered within 5000 ms"), std::string::npos) << guard_.Reason();
  // That they end well after all says that the database is there, not that it is quick again.
  guard_.Leave(first, Status());
  guard_.Leave(second, Status());
  EXPECT_EQ(guard_.view(Lane::kWrite).state, CircuitBreaker::State::kOpen);
  guard_.SetHealthy();
  EXPECT_EQ(guard_.Reason(), "");
}

TEST_F(Guard, ABoundOfBatchesWaits) {
  std::vector<StorageGuard::Ticket> tickets;
  for (int i = 0; i < 3; ++i) {
    tickets.push_back(Enter(Lane::kRead));
  }
  EXPECT_EQ(guard_.waiting(), 3U);
  const auto refused = guard_.Enter(Lane::kRead, false);
  EXPECT_EQ(refused.status().code(), Code::kUnavailable);
  EXPECT_GT(refused.status().retry_after().count(), 0);
  EXPECT_TRUE(guard_.Enter(Lane::kRead, true).ok());
  guard_.Leave(tickets[0], Status());
  guard_.Leave(tickets[1], Status());
  EXPECT_TRUE(guard_.Enter(Lane::kRead, false).ok());
}

TEST_F(Guard, RefusalsOfTheBatchItselfAreAnswers) {
  Fail(Lane::kWrite, 1);
  guard_.Leave(Enter(Lane::kWrite), Status::AlreadyExists("a row with these values exists already"));
  Fail(Lane::kWrite, 1);
  EXPECT_EQ(guard_.Reason(), "");
  EXPECT_EQ(guard_.view(Lane::kWrite).failed, 2U);
}

TEST_F(Guard, WhatNeverGotToTheDatabaseSaysNothing) {
  Fail(Lane::kWrite);
  Pass(1000);
  guard_.Abandon(Enter(Lane::kWrite));
  EXPECT_EQ(guard_.waiting(), 0U);
  EXPECT_TRUE(Enter(Lane::kWrite).pass.is_probe);
}

TEST(OnlyReadsTest, WhatIsNotKnownWrites) {
  EXPECT_TRUE(OnlyReads(R"([{"op":"query","from":"a.t"},{"op":"get"},{"op":"journal"},{"op":"heads"}])"));
  EXPECT_FALSE(OnlyReads(R"([{"op":"query"},{"op":"insert"}])"));
  EXPECT_FALSE(OnlyReads(R"([{"op":"claim"}])"));
  EXPECT_FALSE(OnlyReads(R"([{"table":"a.t"}])"));
  EXPECT_FALSE(OnlyReads(R"([{"op":"newer"}])"));
}

}  // namespace
}  // namespace tutti::host
