#include "host/dispatch/circuit_breaker.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;
using State = CircuitBreaker::State;
using Change = CircuitBreaker::Change;

class Breaker : public ::testing::Test {
 protected:
  void Pass(int ms) { now_ += milliseconds(ms); }

  Change Fail(int times) {
    Change last = Change::kNone;
    for (int i = 0; i < times; ++i) {
      last = breaker_.Failed("away");
    }
    return last;
  }

  CircuitBreaker::Time now_{milliseconds(1000000)};
  CircuitBreaker breaker_{{.failures = 3, .window = milliseconds(1000), .pause = milliseconds(100)},
                          [this] { return now_; }};
};

TEST_F(Breaker, OpensAfterFailuresInARow) {
  EXPECT_EQ(Fail(2), Change::kNone);
  EXPECT_TRUE(breaker_.Enter().is_admitted);
  EXPECT_EQ(breaker_.Failed("away"), Change::kOpened);
  const CircuitBreaker::Pass refused = breaker_.Enter();
  EXPECT_FALSE(refused.is_admitted);
  EXPECT_EQ(refused.retry_after, milliseconds(100));
  EXPECT_EQ(breaker_.view().opened, 1U);
  EXPECT_EQ(breaker_.view().refused, 1U);
  EXPECT_EQ(breaker_.view().last_error, "away");
}

TEST_F(Breaker, ASuccessBetweenFailuresKeepsItClosed) {
  for (int i = 0; i < 10; ++i) {
    Fail(2);
    EXPECT_EQ(breaker_.Succeeded(), Change::kNone);
  }
  EXPECT_EQ(breaker_.view().state, State::kClosed);
}

TEST_F(Breaker, FailuresFurtherApartThanTheWindowDoNotOpenIt) {
  for (int i = 0; i < 10; ++i) {
    Fail(2);
    Pass(1001);
  }
  EXPECT_EQ(breaker_.view().state, State::kClosed);
  EXPECT_EQ(breaker_.view().failing_for, milliseconds(10010));
}

TEST_F(Breaker, LetsOneThroughAfterThePauseAndClosesWhenItSucceeds) {
  Fail(3);
  Pass(99);
  EXPECT_FALSE(breaker_.Enter().is_admitted);
  EXPECT_FALSE(breaker_.IsDue());
  Pass(1);
  EXPECT_TRUE(breaker_.IsDue());
  const CircuitBreaker::Pass probe = breaker_.Enter();
  EXPECT_TRUE(probe.is_admitted);
  EXPECT_TRUE(probe.is_probe);
  EXPECT_EQ(breaker_.view().state, State::kHalfOpen);
  EXPECT_FALSE(breaker_.Enter().is_admitted);
  EXPECT_EQ(breaker_.Succeeded(), Change::kClosed);
  EXPECT_TRUE(breaker_.Enter().is_admitted);
  EXPECT_FALSE(breaker_.view().is_failing);
}

TEST_F(Breaker, AProbeThatFailsOpensForAnotherPause) {
  Fail(3);
  Pass(100);
  ASSERT_TRUE(breaker_.Enter().is_probe);
  Pass(30);
  EXPECT_EQ(breaker_.Failed("still away"), Change::kNone);
  EXPECT_EQ(breaker_.view().state, State::kOpen);
  EXPECT_EQ(breaker_.Enter().retry_after, milliseconds(100));
  EXPECT_EQ(breaker_.view().failing_for, milliseconds(130));
  EXPECT_EQ(breaker_.view().opened, 1U);
}

TEST_F(Breaker, AProbeThatSaysNothingGivesItsPlaceBack) {
  Fail(3);
  Pass(100);
  const CircuitBreaker::Pass probe = breaker_.Enter();
  ASSERT_TRUE(probe.is_probe);
  breaker_.Leave(probe);
  EXPECT_TRUE(breaker_.Enter().is_probe);
}

TEST_F(Breaker, WhatWasAskedBeforeTellsToo) {
  Fail(3);
  Fail(5);
  EXPECT_EQ(breaker_.view().opened, 1U);
  EXPECT_EQ(breaker_.Succeeded(), Change::kClosed);
}

TEST_F(Breaker, EveryEventInEveryStateHasItsOutcome) {
  struct Case {
    State from;
    const char* event;
    State to;
  };

  const Case cases[] = {
      {State::kClosed, "success", State::kClosed},     {State::kClosed, "failure", State::kClosed},
      {State::kClosed, "leave", State::kClosed},       {State::kClosed, "enter", State::kClosed},
      {State::kOpen, "success", State::kClosed},       {State::kOpen, "failure", State::kOpen},
      {State::kOpen, "leave", State::kOpen},           {State::kOpen, "enter", State::kOpen},
      {State::kOpen, "enter later", State::kHalfOpen}, {State::kHalfOpen, "success", State::kClosed},
      {State::kHalfOpen, "failure", State::kOpen},     {State::kHalfOpen, "leave", State::kOpen},
      {State::kHalfOpen, "enter", State::kHalfOpen},   {State::kHalfOpen, "enter later", State::kHalfOpen}};
  for (const Case& one : cases) {
    CircuitBreaker breaker({.failures = 2, .window = milliseconds(1000), .pause = milliseconds(100)},
                           [this] { return now_; });
    CircuitBreaker::Pass pass;
    if (one.from != State::kClosed) {
      (void)breaker.Failed("x");
      (void)breaker.Failed("x");
    }
    if (one.from == State::kHalfOpen) {
      Pass(100);
      pass = breaker.Enter();
    }
    ASSERT_EQ(breaker.view().state, one.from);
    const std::string_view event = one.event;
    if (event == "success") {
      (void)breaker.Succeeded();
    } else if (event == "failure") {
      (void)breaker.Failed("x");
    } else if (event == "leave") {
      breaker.Leave(pass);
    } else {
      Pass(event == "enter later" ? 100 : 0);
      (void)breaker.Enter();
    }
    EXPECT_EQ(breaker.view().state, one.to) << ToString(one.from) << " " << one.event;
  }
}

TEST(BreakerOff, NeverOpens) {
  CircuitBreaker breaker({.failures = 0});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(breaker.Failed("away"), Change::kNone);
  }
  EXPECT_TRUE(breaker.Enter().is_admitted);
}

}  // namespace
}  // namespace tutti::host
