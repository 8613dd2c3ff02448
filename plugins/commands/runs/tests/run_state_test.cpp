// The table of states and events as a whole, and random walks over it, with the rows that are written on the way.
#include "run_state.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>

#include "run_rows.h"

namespace tutti::runs {
namespace {

RunState StateAt(std::size_t index) {
  return static_cast<RunState>(index);
}

RunEvent EventAt(std::size_t index) {
  return static_cast<RunEvent>(index);
}

TEST(RunStates, EveryEventInEveryStateHasAnOutcomeThatMakesSense) {
  for (std::size_t s = 0; s < kRunStates; ++s) {
    for (std::size_t e = 0; e < kRunEvents; ++e) {
      const RunOutcome outcome = Outcome(StateAt(s), EventAt(e));
      SCOPED_TRACE("state " + std::to_string(s) + " event " + std::to_string(e));
      if (outcome.answer != RunAnswer::kMoves) {
        EXPECT_EQ(outcome.to, StateAt(s));
      } else {
        EXPECT_FALSE(HasEnded(StateAt(s)));
        EXPECT_NE(outcome.to, RunState::kNone);
      }
    }
  }
}

TEST(RunStates, WhatHasEndedStaysEnded) {
  for (const RunState ended : {RunState::kDone, RunState::kFailed, RunState::kInterrupted}) {
    for (std::size_t e = 0; e < kRunEvents; ++e) {
      EXPECT_EQ(Outcome(ended, EventAt(e)).to, ended);
      EXPECT_NE(Outcome(ended, EventAt(e)).answer, RunAnswer::kMoves);
    }
  }
}

TEST(RunStates, SuspensionAndCrashChangeNoState) {
  for (std::size_t s = 0; s < kRunStates; ++s) {
    for (const RunEvent event : {RunEvent::kSuspend, RunEvent::kCrash}) {
      EXPECT_EQ(Outcome(StateAt(s), event), (RunOutcome{RunAnswer::kStays, StateAt(s)}));
    }
  }
}

TEST(RunStates, WhoeverTakesOverLeavesNobodyWaitingOnADeadQuestion) {
  EXPECT_EQ(Outcome(RunState::kQueued, RunEvent::kClaim).to, RunState::kQueued);
  EXPECT_EQ(Outcome(RunState::kRunning, RunEvent::kClaim).to, RunState::kRunning);
  EXPECT_EQ(Outcome(RunState::kWaiting, RunEvent::kClaim).to, RunState::kRunning);
}

TEST(RunStates, EveryUnfinishedStateCanBeInterruptedAndCanFail) {
  for (const RunState state : {RunState::kQueued, RunState::kRunning, RunState::kWaiting}) {
    EXPECT_EQ(Outcome(state, RunEvent::kInterrupt), (RunOutcome{RunAnswer::kMoves, RunState::kInterrupted}));
    EXPECT_EQ(Outcome(state, RunEvent::kFail), (RunOutcome{RunAnswer::kMoves, RunState::kFailed}));
  }
}

TEST(RunStates, NamesAreThoseOfTheColumn) {
  for (std::size_t s = 1; s < kRunStates; ++s) {
    EXPECT_EQ(StateOf(Name(StateAt(s))), StateAt(s));
  }
  EXPECT_EQ(StateOf("paused"), std::nullopt);
  EXPECT_EQ(StateOf(""), std::nullopt);
}

// The row of one run, as the storage would keep it.
struct Row {
  std::string status = "queued";
  std::int64_t fence = 0;
  bool has_end = false;

  // Applies an update of the row; false: its expectation is not met.
  bool Apply(Op op) {
    const Result<Json> json = Json::Parse(op.Take());
    const JsonView where = (*json)["where"];
    if (where["status"].AsString() != status || where["fence"].AsInt(-1) != fence) {
      return false;
    }
    const JsonView set = (*json)["set"];
    status = set["status"].AsString(status);
    fence += (*json)["add"]["fence"].AsInt();
    has_end = has_end || set["ended_at"].is_string();
    return true;
  }

  [[nodiscard]] std::string ToJson() const { return JsonObject()("id", "r")("status", status)("fence", fence).Take(); }
};

// A walk: events at random, on the run as a host knows it, with a former holder that goes on as if nothing were.
TEST(RunStates, RowsFollowTheTableOnEveryWalk) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::set<std::pair<RunState, RunEvent>> seen;
  for (int walk = 0; walk < 3000; ++walk) {
    AcceptedRun accepted;
    accepted.run = "r";
    Row row;
    auto holder = std::make_shared<LiveRun>(accepted, RunState::kQueued, 0);
    LiveRunPtr former;
    for (int step = 0; step < 14; ++step) {
      const RunEvent event = EventAt(random() % kRunEvents);
      const RunState before = holder->state();
      seen.emplace(before, event);
      const RunOutcome outcome = Outcome(before, event);
      if (event == RunEvent::kClaim && !HasEnded(before)) {
        // Somebody else takes the row over; what the former holder wants from now on is refused.
        const Result<Json> stored = Json::Parse(row.ToJson());
        ASSERT_TRUE(row.Apply(ClaimRun(stored->view(), {"other", 1000})));
        former = holder;
        holder = std::make_shared<LiveRun>(accepted, before, row.fence);
      }
      if (outcome.answer == RunAnswer::kMoves) {
        ASSERT_TRUE(row.Apply(MoveRun(*holder, {outcome.to, "reason", "", JsonView()})));
        holder->SetState(outcome.to);
      }
      if (former != nullptr) {
        const Row kept = row;
        ASSERT_FALSE(row.Apply(MoveRun(*former, {RunState::kDone, "", "", JsonView()})));
        ASSERT_EQ(row.status, kept.status);
      }
      ASSERT_EQ(row.status, Name(holder->state()));
      ASSERT_EQ(row.has_end, HasEnded(holder->state()));
      if (HasEnded(before)) {
        ASSERT_EQ(holder->state(), before);
      }
    }
  }
  // All but those of a run that was never accepted.
  EXPECT_EQ(seen.size(), (kRunStates - 1) * kRunEvents);
}

}  // namespace
}  // namespace tutti::runs
