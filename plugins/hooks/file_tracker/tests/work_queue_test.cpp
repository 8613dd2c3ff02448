#include "work_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <vector>

namespace tutti::file_tracker {
namespace {

TEST(WorkQueue, RunsJobsInOrder) {
  std::vector<int> ran;
  {
    WorkQueue queue(1, 100);
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(queue.Push([&ran, i] { ran.push_back(i); }));
    }
  }
  ASSERT_EQ(ran.size(), 50U);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST(WorkQueue, RefusesWhatItHasNoRoomFor) {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::shared_future<void> may_go_on = go_on.get_future().share();
  int ran = 0;
  {
    WorkQueue queue(1, 2);
    ASSERT_TRUE(queue.Push([&] {
      begun.set_value();
      may_go_on.wait();
    }));
    begun.get_future().wait();
    EXPECT_TRUE(queue.Push([&] { ++ran; }));
    EXPECT_TRUE(queue.Push([&] { ++ran; }));
    EXPECT_FALSE(queue.Push([&] { ran += 100; }));
    go_on.set_value();
  }
  EXPECT_EQ(ran, 2);
}

TEST(WorkQueue, ABusyThreadDoesNotHoldUpTheOther) {
  std::promise<void> go_on;
  std::shared_future<void> may_go_on = go_on.get_future().share();
  WorkQueue queue(2, 10);
  ASSERT_TRUE(queue.Push([may_go_on] { may_go_on.wait(); }));
  std::promise<void> passed;
  ASSERT_TRUE(queue.Push([&] { passed.set_value(); }));
  passed.get_future().wait();
  go_on.set_value();
}

}  // namespace
}  // namespace tutti::file_tracker
