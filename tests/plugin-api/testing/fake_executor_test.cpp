#include "tutti/sdk/testing/fake_executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tutti::testing {
namespace {

using std::chrono::milliseconds;

TEST(FakeExecutor, WithWorkersRunsJobsOnOtherThreads) {
  Signal signal;
  FakeExecutor executor(2, 16, signal);
  std::atomic<bool> ran_elsewhere{false};
  const auto here = std::this_thread::get_id();
  ASSERT_TRUE(executor.Post([&] { ran_elsewhere = std::this_thread::get_id() != here; }));
  EXPECT_TRUE(signal.WaitUntil([&] { return ran_elsewhere.load(); }));
}

TEST(FakeExecutor, WithoutWorkersRunsJobsOnlyWhenPumped) {
  Signal signal;
  FakeExecutor executor(0, 16, signal);
  int ran = 0;
  ASSERT_TRUE(executor.Post([&] { ++ran; }));
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(executor.Pump(), 1U);
  EXPECT_EQ(ran, 1);
}

TEST(FakeExecutor, RefusesAJobWhenItsQueueIsFull) {
  Signal signal;
  FakeExecutor executor(0, 1, signal);
  EXPECT_TRUE(executor.Post([] {}));
  EXPECT_FALSE(executor.Post([] {}));
  executor.Pump();
  EXPECT_TRUE(executor.Post([] {}));
}

TEST(FakeExecutor, VirtualTimersRunInTheOrderTheyAreDue) {
  Signal signal;
  FakeExecutor executor(0, 16, signal);
  std::vector<int> order;
  executor.PostAfter(milliseconds(20), [&] { order.push_back(20); });
  executor.PostAfter(milliseconds(10), [&] { order.push_back(10); });
  EXPECT_EQ(executor.Advance(milliseconds(9)), 0U);
  EXPECT_EQ(executor.Advance(milliseconds(11)), 2U);
  EXPECT_EQ(order, (std::vector<int>{10, 20}));
}

TEST(FakeExecutor, RealTimersRunByThemselves) {
  Signal signal;
  FakeExecutor executor(1, 16, signal);
  std::atomic<bool> ran{false};
  executor.PostAfter(milliseconds(1), [&] { ran = true; });
  EXPECT_TRUE(signal.WaitUntil([&] { return ran.load(); }));
}

TEST(FakeExecutor, ACancelledTimerNeverRuns) {
  Signal signal;
  FakeExecutor executor(0, 16, signal);
  bool ran = false;
  const auto timer = executor.PostAfter(milliseconds(1), [&] { ran = true; });
  EXPECT_TRUE(executor.CancelTimer(timer));
  EXPECT_FALSE(executor.CancelTimer(timer));
  executor.Advance(milliseconds(10));
  EXPECT_FALSE(ran);
}

TEST(Signal, WaitUntilGivesUpAtItsDeadline) {
  Signal signal;
  EXPECT_FALSE(signal.WaitUntil([] { return false; }, milliseconds(5)));
}

}  // namespace
}  // namespace tutti::testing
