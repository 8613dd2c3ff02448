#include "worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace tutti::anthropic {
namespace {

TEST(WorkerPool, TakesNoMoreThanItsThreadsAndItsQueue) {
  std::latch release(1);
  std::atomic<int> ran{0};
  WorkerPool pool(2, 3);
  const auto job = [&] {
    release.wait();
    ++ran;
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(pool.Submit(job)) << i;
  }
  EXPECT_FALSE(pool.Submit(job));
  release.count_down();
  pool.Stop();
  EXPECT_EQ(ran, 5);
  EXPECT_FALSE(pool.Submit(job));
}

TEST(WorkerPool, WithoutQueueEveryThreadIsUsableAgain) {
  WorkerPool pool(2, 0);
  for (int i = 0; i < 100; ++i) {
    std::latch done(1);
    while (!pool.Submit([&] { done.count_down(); })) {
      std::this_thread::yield();
    }
    done.wait();
  }
}

TEST(WorkerPool, JobsRunAtTheSameTimeUpToTheBound) {
  WorkerPool pool(4, 0);
  std::latch together(4);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(pool.Submit([&] { together.arrive_and_wait(); }));
  }
  together.wait();
  pool.Stop();
}

}  // namespace
}  // namespace tutti::anthropic
