#include "turn_lane.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace tutti::orchestrator {
namespace {

// A lane whose turns start calls that the test ends by hand.
class TurnLaneTest : public testing::Test {
 protected:
  void TearDown() override {
    while (!running_.empty()) {
      End(running_.begin()->first);
    }
  }

  Status Push(const std::string& name) {
    return lane_->Push([this, name](TurnLane::Number number) -> Task<void> {
      log_.push_back("begin " + name);
      TurnLane::Begin begin = [this, name](std::function<void(Result<std::string>)> done) {
        running_[name] = std::move(done);
        return handles_[name];
      };
      Callback<Result<std::string>> call = lane_->Interruptible(number, std::move(begin));
      const Result<std::string> result = co_await call;
      log_.push_back("end " + name + " " + result.status().ToString());
    });
  }

  void End(const std::string& name, Result<std::string> result = std::string()) {
    auto done = std::move(running_.at(name));
    running_.erase(name);
    done(std::move(result));
  }

  std::vector<std::string> log_;
  std::vector<tutti_call> cancelled_;
  std::map<std::string, std::function<void(Result<std::string>)>> running_;
  std::map<std::string, tutti_call> handles_{{"a", 11}, {"b", 12}, {"c", 13}};
  std::string fault_;
  std::shared_ptr<TurnLane> lane_ = std::make_shared<TurnLane>(
      2, [this](tutti_call handle) { cancelled_.push_back(handle); }, [this](const char* what) { fault_ = what; });
};

TEST_F(TurnLaneTest, TurnsRunOneAfterAnother) {
  ASSERT_TRUE(Push("a").ok());
  ASSERT_TRUE(Push("b").ok());
  EXPECT_EQ(log_, (std::vector<std::string>{"begin a"}));
  End("a");
  EXPECT_EQ(log_, (std::vector<std::string>{"begin a", "end a OK", "begin b"}));
  End("b");
  EXPECT_TRUE(lane_->WaitUntilIdle(std::chrono::steady_clock::now()));
}

TEST_F(TurnLaneTest, FullLaneRefuses) {
  ASSERT_TRUE(Push("a").ok());
  ASSERT_TRUE(Push("b").ok());
  ASSERT_TRUE(Push("c").ok());
  EXPECT_EQ(Push("d").code(), Code::kResourceExhausted);
}

TEST_F(TurnLaneTest, InterruptStopsTheRunningTurnOnly) {
  ASSERT_TRUE(Push("a").ok());
  ASSERT_TRUE(Push("b").ok());
  lane_->Interrupt(1);
  lane_->Interrupt(1);
  EXPECT_EQ(cancelled_, (std::vector<tutti_call>{11}));
  End("a", Status::Cancelled("stopped"));
  lane_->Interrupt(1);
  EXPECT_EQ(cancelled_.size(), 1U);
  EXPECT_EQ(log_.back(), "begin b");
}

TEST_F(TurnLaneTest, InterruptAllDropsWhatWaitsAndAnswersAtRest) {
  ASSERT_TRUE(Push("a").ok());
  ASSERT_TRUE(Push("b").ok());
  std::vector<std::size_t> stopped;
  lane_->InterruptAll([&](std::size_t count) { stopped.push_back(count); });
  EXPECT_TRUE(stopped.empty());
  EXPECT_EQ(cancelled_, (std::vector<tutti_call>{11}));
  End("a", Status::Cancelled("stopped"));
  EXPECT_EQ(stopped, (std::vector<std::size_t>{2}));
  EXPECT_EQ(log_.size(), 2U);
  lane_->InterruptAll([&](std::size_t count) { stopped.push_back(count); });
  EXPECT_EQ(stopped.back(), 0U);
}

TEST_F(TurnLaneTest, LaneIsBusyUntilItsTurnHasEnded) {
  ASSERT_TRUE(Push("a").ok());
  EXPECT_FALSE(lane_->WaitUntilIdle(std::chrono::steady_clock::now()));
  End("a");
  EXPECT_TRUE(lane_->WaitUntilIdle(std::chrono::steady_clock::now()));
}

TEST_F(TurnLaneTest, ClosedLaneTakesNothing) {
  lane_->Close();
  EXPECT_EQ(Push("a").code(), Code::kUnavailable);
}

TEST_F(TurnLaneTest, TurnThatThrowsIsToldAndTheNextRuns) {
  ASSERT_TRUE(Push("a").ok());
  ASSERT_TRUE(lane_
                  ->Push([](TurnLane::Number) -> Task<void> {
                    throw std::runtime_error("broken");
                    co_return;
                  })
                  .ok());
  ASSERT_TRUE(Push("c").ok());
  End("a");
  EXPECT_EQ(fault_, "broken");
  EXPECT_EQ(log_.back(), "begin c");
  End("c");
}

}  // namespace
}  // namespace tutti::orchestrator
