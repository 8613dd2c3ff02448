#include "timer_wheel.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tutti::transport::http {
namespace {

TEST(TimerWheel, NothingScheduledSleepsForEver) {
  TimerWheel wheel(1000);
  EXPECT_EQ(wheel.SleepMs(1000), -1);
  EXPECT_EQ(wheel.TakeDue(1'000'000), nullptr);
}

TEST(TimerWheel, NodesFireOnceTheirTimeHasComeAndNotBefore) {
  constexpr std::int64_t kBegin = 123'456;
  TimerWheel wheel(kBegin);
  std::mt19937 random(7);
  std::vector<TimerNode> nodes(500);
  for (TimerNode& node : nodes) {
    wheel.Schedule(node, kBegin + static_cast<std::int64_t>(random() % 100'000));
  }
  std::size_t fired = 0;
  std::int64_t now = kBegin;
  while (fired < nodes.size()) {
    const int sleep = wheel.SleepMs(now);
    ASSERT_GE(sleep, 0);
    now += sleep;
    while (TimerNode* node = wheel.TakeDue(now)) {
      EXPECT_LE(node->due_ms, now);
      EXPECT_LE(now - node->due_ms, 16);
      EXPECT_FALSE(node->is_scheduled());
      ++fired;
    }
  }
  EXPECT_EQ(wheel.SleepMs(now), -1);
}

TEST(TimerWheel, AMovedNodeFiresAtItsNewTime) {
  TimerWheel wheel(0);
  TimerNode node;
  wheel.Schedule(node, 50'000);
  wheel.Schedule(node, 100);
  EXPECT_EQ(wheel.TakeDue(99), nullptr);
  EXPECT_EQ(wheel.TakeDue(120), &node);
  wheel.Schedule(node, 130);
  wheel.Schedule(node, 90'000);
  EXPECT_EQ(wheel.TakeDue(80'000), nullptr);
  EXPECT_EQ(wheel.TakeDue(90'010), &node);
}

TEST(TimerWheel, ACancelledNodeDoesNotFire) {
  TimerWheel wheel(0);
  TimerNode node;
  wheel.Schedule(node, 10);
  TimerWheel::Cancel(node);
  EXPECT_EQ(wheel.TakeDue(1000), nullptr);
}

TEST(TimerWheel, ALongSleepLosesNothing) {
  TimerWheel wheel(0);
  TimerNode early;
  TimerNode late;
  wheel.Schedule(early, 10);
  wheel.Schedule(late, 60'000);
  EXPECT_NE(wheel.TakeDue(1'000'000), nullptr);
  EXPECT_NE(wheel.TakeDue(1'000'000), nullptr);
  EXPECT_EQ(wheel.TakeDue(1'000'000), nullptr);
}

}  // namespace
}  // namespace tutti::transport::http
