#include "run_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace tutti::runs {
namespace {

class RunQueueTest : public testing::Test {
 protected:
  Result<bool> Enter(const std::string& run, Busy busy = Busy::kQueue, const std::string& agent = "scout") {
    return queue_.Enter({run, agent, agent, "conversation of " + run}, busy);
  }

  void Wait(const std::string& run) {
    queue_.OnTurn(run, [this, run] { went_.push_back(run); });
  }

  std::vector<tutti_call> cancelled_;
  std::vector<std::string> went_;
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
  EXPECT_TRUE(queue_.IsInterrupted("b"));
  queue_.Leave("b");
  queue_.Leave("a");
  EXPECT_EQ(went_, (std::vector<std::string>{"b", "c"}));
  EXPECT_FALSE(queue_.IsInterrupted("c"));
}

TEST_F(RunQueueTest, InterruptBeforeTheHandleIsKnownStopsItOnAttach) {
  (void)Enter("a");
  queue_.Interrupt("a", {}, [](std::size_t) {});
  EXPECT_TRUE(queue_.Attach("a", 9));
  EXPECT_TRUE(cancelled_.empty());
}

TEST_F(RunQueueTest, InterruptOfAnAgentAnswersWhenTheLastRunHasLeft) {
  (void)Enter("a");
  (void)Enter("b");
  (void)Enter("other", Busy::kQueue, "builder");
  std::vector<std::size_t> answers;
  queue_.Interrupt({}, "scout", [&](std::size_t count) { answers.push_back(count); });
  queue_.Leave("b");
  EXPECT_TRUE(answers.empty());
  queue_.Leave("a");
  EXPECT_EQ(answers, (std::vector<std::size_t>{2}));
  EXPECT_FALSE(queue_.IsInterrupted("other"));
}

TEST_F(RunQueueTest, InterruptOfNothingAnswersAtOnce) {
  std::vector<std::size_t> answers;
  queue_.Interrupt("nobody", {}, [&](std::size_t count) { answers.push_back(count); });
  EXPECT_EQ(answers, (std::vector<std::size_t>{0}));
}

TEST_F(RunQueueTest, ConversationIsKnownWhileTheRunIsThere) {
  (void)Enter("a");
  EXPECT_EQ(queue_.Conversation("a"), "conversation of a");
  queue_.Leave("a");
  EXPECT_EQ(queue_.Conversation("a"), std::nullopt);
}

}  // namespace
}  // namespace tutti::runs
