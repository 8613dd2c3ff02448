#include "host/executor/executor.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

constexpr auto kDeadline = std::chrono::seconds(20);

TEST(Executor, RunsWhatIsSubmitted) {
  Executor executor({.workers = 2, .queue = 16});
  std::promise<std::thread::id> promise;
  ASSERT_TRUE(executor.Submit([&] { promise.set_value(std::this_thread::get_id()); }));
  auto future = promise.get_future();
  ASSERT_EQ(future.wait_for(kDeadline), std::future_status::ready);
  EXPECT_NE(future.get(), std::this_thread::get_id());
}

TEST(Executor, RefusesBeyondItsQueueButResumes) {
  Executor executor({.workers = 1, .queue = 2});
  std::promise<void> entered;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  ASSERT_TRUE(executor.Submit([&, released] {
    entered.set_value();
    released.wait();
  }));
  entered.get_future().wait();
  std::latch ran(3);
  EXPECT_TRUE(executor.Submit([&] { ran.count_down(); }));
  EXPECT_TRUE(executor.Submit([&] { ran.count_down(); }));
  EXPECT_FALSE(executor.Submit([&] { ADD_FAILURE() << "beyond the bound"; }));
  executor.Resume([&] { ran.count_down(); });
  release.set_value();
  ran.wait();
}

TEST(Executor, RunsTimersInOrderOfTheirTime) {
  Executor executor({.workers = 1, .queue = 16});
  std::promise<void> done;
  std::vector<int> order;
  ASSERT_NE(executor.SubmitAfter(milliseconds(60),
                                 [&] {
                                   order.push_back(2);
                                   done.set_value();
                                 }),
            0U);
  ASSERT_NE(executor.SubmitAfter(milliseconds(5), [&] { order.push_back(1); }), 0U);
  ASSERT_EQ(done.get_future().wait_for(kDeadline), std::future_status::ready);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(Executor, ACancelledTimerDoesNotRun) {
  Executor executor({.workers = 1, .queue = 16});
  const auto timer = executor.SubmitAfter(std::chrono::hours(1), [] { ADD_FAILURE() << "cancelled"; });
  ASSERT_NE(timer, 0U);
  EXPECT_TRUE(executor.CancelTimer(timer));
  EXPECT_FALSE(executor.CancelTimer(timer));
}

TEST(Executor, StopRunsWhatIsQueuedAndThenRunsInPlace) {
  Executor executor({.workers = 1, .queue = 1000});
  std::atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(executor.Submit([&] { ++ran; }));
  }
  executor.Stop();
  EXPECT_EQ(ran, 100);
  EXPECT_FALSE(executor.Submit([&] { ++ran; }));
  executor.Resume([&] { ++ran; });
  EXPECT_EQ(ran, 101);
}

// Holds workers until it goes.
class Held {
 public:
  explicit Held(Executor& executor) : executor_(executor) {}

  ~Held() { release_.set_value(); }

  // The slot of a worker that does not come back before this goes.
  const ThreadSlot& Take() {
    auto entered = std::make_shared<std::promise<const ThreadSlot*>>();
    executor_.Resume([entered, released = released_] {
      entered->set_value(&ThreadSlot::Current());
      released.wait();
    });
    return *entered->get_future().get();
  }

 private:
  Executor& executor_;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
};

void RunsSomething(Executor& executor) {
  std::promise<void> ran;
  executor.Resume([&] { ran.set_value(); });
  ASSERT_EQ(ran.get_future().wait_for(kDeadline), std::future_status::ready);
}

TEST(Executor, ALostWorkerIsReplacedAndEndsWhenItComesBack) {
  Executor executor({.workers = 1, .queue = 16, .lost_threads = 1});
  for (int round = 0; round < 3; ++round) {
    {
      Held held(executor);
      const ThreadSlot& slot = held.Take();
      EXPECT_EQ(executor.Replace(slot), Executor::Replacement::kReplaced);
      EXPECT_EQ(executor.Replace(slot), Executor::Replacement::kLost);
      EXPECT_EQ(executor.lost(), 1U);
      EXPECT_FALSE(executor.is_short());
      RunsSomething(executor);
    }
    while (executor.lost() > 0) {
      std::this_thread::yield();
    }
    RunsSomething(executor);
  }
}

TEST(Executor, BeyondItsBoundThePoolIsShortUntilOneComesBack) {
  Executor executor({.workers = 2, .queue = 16, .lost_threads = 1});
  {
    Held held(executor);
    EXPECT_EQ(executor.Replace(held.Take()), Executor::Replacement::kReplaced);
    EXPECT_EQ(executor.Replace(held.Take()), Executor::Replacement::kNoneLeft);
    EXPECT_TRUE(executor.is_short());
    RunsSomething(executor);
  }
  while (executor.lost() > 0) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(executor.is_short());
}

TEST(Executor, AThreadOfAnotherPoolIsNotReplaced) {
  Executor executor({.workers = 1, .queue = 16});
  EXPECT_EQ(executor.Replace(ThreadSlot::Current()), Executor::Replacement::kNotAWorker);
}

TEST(Executor, StopSaysWhenAThreadDoesNotComeBack) {
  Executor executor({.workers = 1, .queue = 16});
  Held held(executor);
  (void)held.Take();
  EXPECT_FALSE(executor.Stop(milliseconds(1)));
}

}  // namespace
}  // namespace tutti::host
