#include "run_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace tutti::runs {
namespace {

LiveRunPtr Live(const std::string& run, const std::string& agent, const std::string& tree = {},
                const std::string& request = "{}", RunState state = RunState::kNone) {
  AcceptedRun accepted;
  accepted.run = run;
  accepted.agent = accepted.key = agent;
  accepted.tree = tree;
  accepted.request = request;
  return std::make_shared<LiveRun>(accepted, state, 0);
}

class RunQueueTest : public testing::Test {
 protected:
  Result<bool> Enter(const std::string& run, Busy busy = Busy::kQueue, const std::string& agent = "scout") {
    return queue_.Enter(Live(run, agent), busy);
  }

  void Wait(const std::string& run) {
    queue_.OnTurn(run, [this, run] { went_.push_back(run); });
  }

  void Interrupt(const RunSelection& selection) {
    queue_.Interrupt(selection, [this](const std::vector<std::string>& runs) { answers_.push_back(runs.size()); });
  }

  bool IsInterrupted(const std::string& run) { return queue_.Stopped(run) == StopKind::kInterrupt; }

  std::vector<tutti_call> cancelled_;
  std::vector<std::string> went_;
  std::vector<std::size_t> answers_;
  RunQueue queue_{2, [this](tutti_call handle) { cancelled_.push_back(handle); }};
};

TEST_F(RunQueueTest, FirstRunGoesAtOnceOthersInOrder) {
  EXPECT_TRUE(*Enter("a"));
  EXPECT_FALSE(*Enter("b"));
  EXPECT_FALSE(*Enter("c"));
  Wait("b");
  Wait("c");
  EXPECT_TRUE(went_.empty());
  queue_.Leave("a");
  EXPECT_EQ(went_, (std::vector<std::string>{"b"}));
  queue_.Leave("b");
  EXPECT_EQ(went_, (std::vector<std::string>{"b", "c"}));
  queue_.Leave("c");
  EXPECT_TRUE(*Enter("d"));
}

TEST_F(RunQueueTest, TurnThatCameBeforeSomebodyWaitedForItIsNotLost) {
  (void)Enter("a");
  (void)Enter("b");
  queue_.Leave("a");
  Wait("b");
  EXPECT_EQ(went_, (std::vector<std::string>{"b"}));
}

TEST_F(RunQueueTest, AgentsDoNotWaitForEachOther) {
  EXPECT_TRUE(*Enter("a", Busy::kQueue, "scout"));
  EXPECT_TRUE(*Enter("b", Busy::kQueue, "builder"));
}

TEST_F(RunQueueTest, FullQueueRefusesWithAHint) {
  (void)Enter("a");
  (void)Enter("b");
  (void)Enter("c");
  const Result<bool> refused = Enter("d");
  EXPECT_EQ(refused.status().code(), Code::kResourceExhausted);
  EXPECT_GT(refused.status().retry_after().count(), 0);
}

TEST_F(RunQueueTest, RefuseNamesTheRunThatIsInTheWay) {
  (void)Enter("a");
  const Result<bool> refused = Enter("b", Busy::kRefuse);
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(refused.status().message().find("run a"), std::string_view::npos);
}

TEST_F(RunQueueTest, SameIdTwiceIsRefused) {
  (void)Enter("a");
  EXPECT_EQ(Enter("a").status().code(), Code::kAlreadyExists);
}

TEST_F(RunQueueTest, ReplaceStopsWhatIsThereAndWaitsForItsEnd) {
  (void)Enter("a");
  EXPECT_FALSE(queue_.Attach("a", 7));
  (void)Enter("b");
  Wait("b");
  EXPECT_FALSE(*Enter("c", Busy::kReplace));
  Wait("c");
  EXPECT_EQ(cancelled_, (std::vector<tutti_call>{7}));
  EXPECT_EQ(went_, (std::vector<std::string>{"b"}));
  EXPECT_TRUE(IsInterrupted("b"));
  queue_.Leave("b");
  queue_.Leave("a");
  EXPECT_EQ(went_, (std::vector<std::string>{"b", "c"}));
  EXPECT_FALSE(IsInterrupted("c"));
}

TEST_F(RunQueueTest, InterruptBeforeTheHandleIsKnownStopsItOnAttach) {
  (void)Enter("a");
  Interrupt(RunSelection::OfRun("a"));
  EXPECT_TRUE(queue_.Attach("a", 9));
  EXPECT_TRUE(cancelled_.empty());
}

TEST_F(RunQueueTest, InterruptOfAnAgentAnswersWhenTheLastRunHasLeft) {
  (void)Enter("a");
  (void)Enter("b");
  (void)Enter("other", Busy::kQueue, "builder");
  Interrupt({{}, "scout", {}});
  queue_.Leave("b");
  EXPECT_TRUE(answers_.empty());
  queue_.Leave("a");
  EXPECT_EQ(answers_, (std::vector<std::size_t>{2}));
  EXPECT_FALSE(IsInterrupted("other"));
}

TEST_F(RunQueueTest, InterruptOfNothingAnswersAtOnce) {
  Interrupt(RunSelection::OfRun("nobody"));
  EXPECT_EQ(answers_, (std::vector<std::size_t>{0}));
}

TEST_F(RunQueueTest, TreeIsAnAgentWithAllBelowIt) {
  (void)queue_.Enter(Live("root", "o", "/o/"), Busy::kQueue);
  (void)queue_.Enter(Live("child", "a", "/o/a/"), Busy::kQueue);
  (void)queue_.Enter(Live("grandchild", "b", "/o/a/b/"), Busy::kQueue);
  (void)queue_.Enter(Live("sibling", "aa", "/o/aa/"), Busy::kQueue);
  Interrupt({{}, {}, "a"});
  EXPECT_TRUE(IsInterrupted("child"));
  EXPECT_TRUE(IsInterrupted("grandchild"));
  EXPECT_FALSE(IsInterrupted("root"));
  EXPECT_FALSE(IsInterrupted("sibling"));
  Interrupt({});
  EXPECT_TRUE(IsInterrupted("root"));
  EXPECT_TRUE(IsInterrupted("sibling"));
}

TEST_F(RunQueueTest, RunWhosePromptIsKeptWaitsForItsTurnToEnd) {
  (void)Enter("a");
  (void)queue_.Enter(Live("b", "scout", {}, R"({"keep_prompt":true})"), Busy::kQueue);
  Wait("b");
  Interrupt(RunSelection::OfRun("b"));
  EXPECT_TRUE(went_.empty());
  queue_.Leave("a");
  EXPECT_EQ(went_, (std::vector<std::string>{"b"}));
  EXPECT_TRUE(IsInterrupted("b"));
}

TEST_F(RunQueueTest, SuspendedRunIsCancelledAndStaysSuspended) {
  (void)Enter("a");
  (void)Enter("b");
  Wait("b");
  EXPECT_FALSE(queue_.Attach("a", 7));
  queue_.Suspend("a");
  queue_.Suspend("b");
  EXPECT_EQ(cancelled_, (std::vector<tutti_call>{7}));
  EXPECT_EQ(went_, (std::vector<std::string>{"b"}));
  Interrupt(RunSelection::OfRun("a"));
  EXPECT_EQ(queue_.Stopped("a"), StopKind::kSuspend);
  queue_.Leave("a");
  EXPECT_EQ(answers_, (std::vector<std::size_t>{1}));
}

TEST_F(RunQueueTest, WhatWasAcceptedLongAgoFindsRoom) {
  for (const char* run : {"a", "b", "c"}) {
    (void)Enter(run);
  }
  EXPECT_EQ(Enter("d").status().code(), Code::kResourceExhausted);
  EXPECT_TRUE(queue_.EnterAgain(Live("e", "scout")).ok());
}

TEST_F(RunQueueTest, AcceptedRunIsNotRefusedForWantOfRoom) {
  for (const char* run : {"a", "b", "c"}) {
    (void)Enter(run);
  }
  EXPECT_TRUE(queue_.Enter(Live("d", "scout", {}, "{}", RunState::kQueued), Busy::kQueue).ok());
}

TEST_F(RunQueueTest, RunThatMayNotBeReplacedGoesOn) {
  (void)queue_.Enter(Live("a", "scout", {}, R"({"replaceable":false})"), Busy::kQueue);
  EXPECT_FALSE(queue_.Attach("a", 7));
  (void)Enter("b");
  EXPECT_FALSE(*Enter("c", Busy::kReplace));
  EXPECT_FALSE(IsInterrupted("a"));
  EXPECT_TRUE(IsInterrupted("b"));
  EXPECT_TRUE(cancelled_.empty());
}

TEST_F(RunQueueTest, EmptinessIsTold) {
  bool is_empty = false;
  (void)Enter("a");
  queue_.OnEmpty([&] { is_empty = true; });
  EXPECT_FALSE(is_empty);
  EXPECT_NE(queue_.Find("a"), nullptr);
  queue_.Leave("a");
  EXPECT_TRUE(is_empty);
  EXPECT_EQ(queue_.Find("a"), nullptr);
}

}  // namespace
}  // namespace tutti::runs
