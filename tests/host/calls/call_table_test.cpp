#include "host/calls/call_table.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

constexpr auto kDeadline = std::chrono::seconds(20);

class CallTableTest : public ::testing::Test {
 protected:
  CallTable::Spec SpecFor(std::string_view owner, NodePtr parent = nullptr) {
    CallTable::Spec spec;
    spec.owner = owner;
    spec.context = std::make_shared<CallContext>();
    spec.parent = std::move(parent);
    spec.completion = [](const Result<std::string>&) {};
    return spec;
  }

  // No worker is free until `go` is set, and the host ends the call at its deadline.
  CallTable::Spec SpecToEndWhileBusy(std::promise<void>& go) {
    const std::shared_future<void> gone = go.get_future().share();
    for (int i = 0; i < kWorkers; ++i) {
      EXPECT_TRUE(executor_.Submit([gone] { gone.wait(); }));
    }
    CallTable::Spec spec = SpecFor("a");
    spec.deadline_ms = 1000;
    spec.grace_ms = 0;
    return spec;
  }

  static constexpr int kWorkers = 2;

  Executor executor_{{.workers = kWorkers, .queue = 1000}};
  CallTable calls_{executor_, {.max_running = 8, .max_depth = 3, .events_queue = 4, .cancel_grace = milliseconds(50)}};
};

TEST_F(CallTableTest, TheFirstFinishWinsAndLaterUsesFindNothing) {
  std::optional<Result<std::string>> ended;
  auto spec = SpecFor("a.b");
  spec.completion = [&](Result<std::string> result) { ended = std::move(result); };
  const NodePtr node = *calls_.Begin(std::move(spec));
  EXPECT_FALSE(calls_.Finish(node->id, "somebody.else", std::string("no")));
  EXPECT_TRUE(calls_.Finish(node->id, "a.b", std::string("yes")));
  EXPECT_FALSE(calls_.Finish(node->id, "a.b", std::string("again")));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(**ended, "yes");
  EXPECT_EQ(calls_.Emit(node->id, "a.b", "{}"), TUTTI_NOT_FOUND);
  EXPECT_EQ(calls_.OnCancel(
                node->id, "a.b", [](void*) {}, nullptr),
            TUTTI_NOT_FOUND);
  EXPECT_EQ(calls_.running(), 0U);
}

TEST_F(CallTableTest, CancelReachesEverythingBelowButEndsNothing) {
  const NodePtr root = *calls_.Begin(SpecFor("a"));
  const NodePtr child = *calls_.Begin(SpecFor("b", root));
  const NodePtr grandchild = *calls_.Begin(SpecFor("c", child));
  std::promise<void> told;
  calls_.OnCancel(
      grandchild->id, "c", [](void* user) { static_cast<std::promise<void>*>(user)->set_value(); }, &told);
  calls_.Cancel(root);
  ASSERT_EQ(told.get_future().wait_for(kDeadline), std::future_status::ready);
  EXPECT_TRUE(CallTable::cancelled(*child));
  EXPECT_EQ(calls_.running(), 3U);
  const NodePtr late = *calls_.Begin(SpecFor("d", child));
  EXPECT_TRUE(CallTable::cancelled(*late));
  for (const NodePtr& node : {late, grandchild, child, root}) {
    EXPECT_TRUE(calls_.Finish(node, Status::Cancelled("stopped")));
  }
}

TEST_F(CallTableTest, WhatRunsForACallIsEndedWithItWhenItDoesNotStopEither) {
  CallTable::Spec spec = SpecFor("a");
  spec.deadline_ms = 1000;
  spec.grace_ms = 100;
  const NodePtr root = *calls_.Begin(std::move(spec));
  CallTable::Spec below = SpecFor("b");
  below.parent = root;
  below.grace_ms = 100;
  std::promise<Status> ended;
  below.completion = [&ended](const Result<std::string>& result) { ended.set_value(result.status()); };
  const NodePtr child = *calls_.Begin(std::move(below));
  calls_.Sweep(999);
  EXPECT_EQ(child->deadline_ms, 0);
  calls_.Sweep(1000);
  EXPECT_EQ(child->deadline_ms, 1000);
  EXPECT_TRUE(CallTable::cancelled(*child));
  calls_.Sweep(1100);
  EXPECT_EQ(ended.get_future().get().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(calls_.running(), 0U);
}

TEST_F(CallTableTest, ANoticeAskedForAfterCancellationComesAtOnce) {
  const NodePtr node = *calls_.Begin(SpecFor("a"));
  calls_.Cancel(node);
  std::promise<void> told;
  calls_.OnCancel(
      node->id, "a", [](void* user) { static_cast<std::promise<void>*>(user)->set_value(); }, &told);
  EXPECT_EQ(told.get_future().wait_for(kDeadline), std::future_status::ready);
  calls_.Finish(node, std::string());
}

TEST_F(CallTableTest, FinishWaitsForANoticeThatIsRunning) {
  struct Shared {
    std::promise<void> entered, release;
    std::atomic<bool> left{false};
  } shared;

  const NodePtr node = *calls_.Begin(SpecFor("a"));
  calls_.OnCancel(
      node->id, "a",
      [](void* user) {
        auto* s = static_cast<Shared*>(user);
        s->entered.set_value();
        s->release.get_future().wait();
        s->left = true;
      },
      &shared);
  calls_.Cancel(node);
  shared.entered.get_future().wait();
  std::thread releaser([&] { shared.release.set_value(); });
  calls_.Finish(node, std::string());
  EXPECT_TRUE(shared.left);
  releaser.join();
}

TEST_F(CallTableTest, EventsComeInOrderAndBeforeTheEnd) {
  std::vector<std::string> seen;
  std::promise<void> ended;
  auto spec = SpecFor("a");
  spec.on_event = [&](const std::string& event) { seen.push_back(event); };
  spec.completion = [&](const Result<std::string>& result) {
    seen.push_back(*result);
    ended.set_value();
  };
  const NodePtr node = *calls_.Begin(std::move(spec));
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(calls_.EmitWait(node->id, "a", std::to_string(i), milliseconds(20000)), TUTTI_OK);
  }
  calls_.Finish(node->id, "a", std::string("end"));
  ASSERT_EQ(ended.get_future().wait_for(kDeadline), std::future_status::ready);
  ASSERT_EQ(seen.size(), 51U);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(seen[static_cast<std::size_t>(i)], std::to_string(i));
  }
  EXPECT_EQ(seen.back(), "end");
}

TEST_F(CallTableTest, AFullQueueOfEventsAnswersWouldBlock) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::promise<void> entered;
  bool is_first = true;
  auto spec = SpecFor("a");
  spec.on_event = [&, released](const std::string&) {
    if (std::exchange(is_first, false)) {
      entered.set_value();
    }
    released.wait();
  };
  const NodePtr node = *calls_.Begin(std::move(spec));
  ASSERT_EQ(calls_.Emit(node->id, "a", "{}"), TUTTI_OK);
  entered.get_future().wait();
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(calls_.Emit(node->id, "a", "{}"), TUTTI_OK);
  }
  EXPECT_EQ(calls_.Emit(node->id, "a", "{}"), TUTTI_WOULD_BLOCK);
  EXPECT_EQ(calls_.EmitWait(node->id, "a", "{}", milliseconds(5)), TUTTI_DEADLINE_EXCEEDED);
  calls_.Cancel(node);
  EXPECT_EQ(calls_.EmitWait(node->id, "a", "{}", milliseconds(20000)), TUTTI_CANCELLED);
  release.set_value();
  calls_.Finish(node, std::string());
}

TEST_F(CallTableTest, BoundsNameTheSettingToRaise) {
  std::vector<NodePtr> nodes;
  NodePtr parent;
  for (int i = 0; i < 4; ++i) {
    parent = *calls_.Begin(SpecFor("a", parent));
    nodes.push_back(parent);
  }
  const auto too_deep = calls_.Begin(SpecFor("a", parent));
  EXPECT_EQ(too_deep.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(too_deep.status().message().find("calls.max_depth"), std::string_view::npos);
  for (int i = 0; i < 4; ++i) {
    nodes.push_back(*calls_.Begin(SpecFor("a")));
  }
  const auto too_many = calls_.Begin(SpecFor("a"));
  EXPECT_EQ(too_many.status().code(), Code::kResourceExhausted);
  EXPECT_GT(too_many.status().retry_after().count(), 0);
  for (const NodePtr& node : nodes) {
    calls_.Finish(node, std::string());
  }
  EXPECT_EQ(calls_.running(), 0U);
}

TEST_F(CallTableTest, SweepCancelsAtTheDeadlineAndEndsAfterTheGrace) {
  std::optional<Result<std::string>> ended;
  auto spec = SpecFor("a");
  spec.deadline_ms = 1000;
  spec.completion = [&](Result<std::string> result) { ended = std::move(result); };
  const NodePtr node = *calls_.Begin(std::move(spec));
  calls_.Sweep(999);
  EXPECT_FALSE(CallTable::cancelled(*node));
  calls_.Sweep(1000);
  EXPECT_TRUE(CallTable::cancelled(*node));
  EXPECT_FALSE(ended.has_value());
  calls_.Sweep(1050);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->status().code(), Code::kDeadlineExceeded);
}

TEST_F(CallTableTest, ACallThatHadToBeEndedIsToldOfOnce) {
  std::vector<tutti_call> overdue;
  CallTable calls(executor_, {.cancel_grace = milliseconds(50),
                              .on_overdue = [&](const CallNode& node) { overdue.push_back(node.id); }});
  auto spec = SpecFor("a");
  spec.deadline_ms = 1000;
  const NodePtr late = *calls.Begin(std::move(spec));
  spec = SpecFor("a");
  spec.deadline_ms = 1000;
  const NodePtr in_time = *calls.Begin(std::move(spec));
  calls.Sweep(1000);
  calls.Finish(in_time, Status::Cancelled("stopped"));
  calls.Sweep(1050);
  calls.Sweep(1100);
  EXPECT_EQ(overdue, std::vector<tutti_call>{late->id});
}

// Ended for it while all workers were busy, a plugin still hears that nobody wants its result, or it would go on for
// ever.
TEST_F(CallTableTest, ANoticeThatNoWorkerHasComeToYetIsGivenAfterTheEnd) {
  std::promise<void> go;
  auto spec = SpecToEndWhileBusy(go);
  std::promise<Status> ended;
  spec.completion = [&](const Result<std::string>& result) { ended.set_value(result.status()); };
  const NodePtr node = *calls_.Begin(std::move(spec));
  std::promise<void> told;
  ASSERT_EQ(calls_.OnCancel(
                node->id, "a", [](void* user) { static_cast<std::promise<void>*>(user)->set_value(); }, &told),
            TUTTI_OK);
  calls_.Sweep(1000);
  EXPECT_EQ(ended.get_future().get().code(), Code::kDeadlineExceeded);
  go.set_value();
  EXPECT_EQ(told.get_future().wait_for(kDeadline), std::future_status::ready);
}

// Once its finish has returned, whoever asked for the notice may be gone.
TEST_F(CallTableTest, ANoticeThatNoWorkerHasComeToYetIsWithdrawnByALateFinish) {
  std::promise<void> go;
  auto spec = SpecToEndWhileBusy(go);
  const NodePtr node = *calls_.Begin(std::move(spec));
  ASSERT_EQ(calls_.OnCancel(
                node->id, "a", [](void*) { ADD_FAILURE() << "the notice was withdrawn"; }, nullptr),
            TUTTI_OK);
  calls_.Sweep(1000);
  EXPECT_FALSE(calls_.Finish(node->id, "a", std::string("late")));
  go.set_value();
  executor_.Stop();
  EXPECT_EQ(calls_.running(), 0U);
}

TEST_F(CallTableTest, ANoticeThatHangsHoldsThePluginsFinishButNotTheSweep) {
  struct Notice {
    std::promise<void> entered;
    std::promise<void> release;
    std::atomic<bool> has_returned{false};
  } notice;

  auto spec = SpecFor("a");
  spec.deadline_ms = 1000;
  const NodePtr node = *calls_.Begin(std::move(spec));
  ASSERT_EQ(calls_.OnCancel(
                node->id, "a",
                [](void* user) {
                  auto& told = *static_cast<Notice*>(user);
                  told.entered.set_value();
                  told.release.get_future().wait();
                  told.has_returned = true;
                },
                &notice),
            TUTTI_OK);
  calls_.Sweep(1000);
  ASSERT_EQ(notice.entered.get_future().wait_for(kDeadline), std::future_status::ready);
  calls_.Sweep(1050);
  EXPECT_EQ(calls_.running(), 0U);
  // What the notice uses may be freed once finish has returned, though the host has ended the call already.
  std::future<bool> finished = std::async(std::launch::async, [&] {
    EXPECT_FALSE(calls_.Finish(node->id, "a", std::string()));
    return notice.has_returned.load();
  });
  notice.release.set_value();
  EXPECT_TRUE(finished.get());
  while (calls_.Find(node->id) != nullptr) {
    std::this_thread::yield();
  }
}

TEST_F(CallTableTest, APluginThatObeysItsDeadlineReportsItAsSuch) {
  std::optional<Result<std::string>> ended;
  auto spec = SpecFor("a");
  spec.deadline_ms = 1000;
  spec.completion = [&](Result<std::string> result) { ended = std::move(result); };
  const NodePtr node = *calls_.Begin(std::move(spec));
  calls_.Sweep(1000);
  calls_.Finish(node, Status::Cancelled("stopped"));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->status().code(), Code::kDeadlineExceeded);
}

TEST_F(CallTableTest, ManyThreadsFinishingOneCallEndItOnce) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> ends{0};
    auto spec = SpecFor("a");
    spec.completion = [&](const Result<std::string>&) { ++ends; };
    const NodePtr node = *calls_.Begin(std::move(spec));
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] { calls_.Finish(node->id, "a", std::string()); });
    }
    threads.emplace_back([&] { calls_.Cancel(node); });
    for (std::thread& thread : threads) {
      thread.join();
    }
    ASSERT_EQ(ends, 1);
  }
}

TEST_F(CallTableTest, ACallMayTakeTheNumberItsHostGaveItOnce) {
  auto spec = SpecFor("a");
  spec.id = 4711;
  const NodePtr node = *calls_.Begin(std::move(spec));
  EXPECT_EQ(calls_.Find(4711), node);
  auto again = SpecFor("a");
  again.id = 4711;
  EXPECT_EQ(calls_.Begin(std::move(again)).status().code(), Code::kAlreadyExists);
  EXPECT_EQ(calls_.running(), 1U);
  EXPECT_TRUE(calls_.Finish(node, std::string()));
}

TEST_F(CallTableTest, ACallTheHostHadToFinishIsReportedOnce) {
  std::vector<tutti_call> reported;
  CallTable calls(executor_, {.cancel_grace = milliseconds(50),
                              .on_overdue = [&](const CallNode& node) { reported.push_back(node.id); }});
  auto spec = SpecFor("a");
  spec.deadline_ms = 1000;
  const NodePtr late = *calls.Begin(std::move(spec));
  calls.Sweep(1049);
  EXPECT_TRUE(reported.empty());
  calls.Sweep(1050);
  calls.Sweep(1051);
  EXPECT_EQ(reported, std::vector<tutti_call>{late->id});
}

TEST_F(CallTableTest, WhoeverFoundTheQueueFullIsToldOfRoom) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  auto spec = SpecFor("a");
  spec.on_event = [released](const std::string&) { released.wait(); };
  const NodePtr node = *calls_.Begin(std::move(spec));
  while (calls_.Emit(node->id, "a", "{}") == TUTTI_OK) {
  }
  std::promise<void> room;
  calls_.OnRoom(node->id, "a", [&room] { room.set_value(); });
  std::future<void> told = room.get_future();
  EXPECT_EQ(told.wait_for(milliseconds(0)), std::future_status::timeout);
  release.set_value();
  ASSERT_EQ(told.wait_for(kDeadline), std::future_status::ready);
  EXPECT_EQ(calls_.EmitWait(node->id, "a", "{}", milliseconds(20000)), TUTTI_OK);
  calls_.Finish(node->id, "a", std::string());
}

}  // namespace
}  // namespace tutti::host
