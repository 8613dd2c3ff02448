#include "tutti/sdk/task.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tutti {
namespace {

Task<int> Seven() {
  co_return 7;
}

Task<int> Throws() {
  throw std::runtime_error("broken");
  co_return 0;
}

// Resumes each waiter on a thread of its own.
class Threads {
 public:
  struct Hop {
    Threads& threads;

    bool await_ready() const noexcept { return false; }

    void await_suspend(std::coroutine_handle<> waiter) const {
      // The new thread may hop on before this function has returned.
      Threads& all = threads;
      const std::lock_guard lock(all.mutex_);
      all.threads_.emplace_back([waiter] { waiter.resume(); });
    }

    void await_resume() const noexcept {}
  };

  // REQUIRES: nothing hops any more.
  void Join() {
    const std::lock_guard lock(mutex_);
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;  // guarded by mutex_
};

void ExpectNoThrow(const std::exception_ptr&) {
  FAIL() << "the task threw";
}

TEST(Task, StartsOnlyWhenAwaited) {
  bool has_run = false;
  auto work = [&]() -> Task<> {
    has_run = true;
    co_return;
  };
  {
    const Task<> never = work();
    EXPECT_FALSE(has_run);
  }
  EXPECT_FALSE(has_run);
  Spawn(work(), ExpectNoThrow);
  EXPECT_TRUE(has_run);
}

TEST(Task, ValuesReachTheAwaiter) {
  int seen = 0;
  auto outer = [&]() -> Task<> { seen = co_await Seven() + co_await Seven(); };
  Spawn(outer(), ExpectNoThrow);
  EXPECT_EQ(seen, 14);
}

TEST(Task, MoveOnlyValuesAreMoved) {
  auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  int seen = 0;
  auto outer = [&]() -> Task<> {
    const std::unique_ptr<int> got = co_await make();
    seen = *got;
  };
  Spawn(outer(), ExpectNoThrow);
  EXPECT_EQ(seen, 3);
}

TEST(Task, ExceptionsReachTheAwaiter) {
  std::string seen;
  auto outer = [&]() -> Task<> {
    try {
      co_await Throws();
    } catch (const std::runtime_error& error) {
      seen = error.what();
    }
  };
  Spawn(outer(), ExpectNoThrow);
  EXPECT_EQ(seen, "broken");
}

TEST(Task, ExceptionOfASpawnedTaskGoesToItsHandler) {
  std::string seen;
  auto outer = []() -> Task<> { co_await Throws(); };
  Spawn(outer(), [&](const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::runtime_error& error) {
      seen = error.what();
    }
  });
  EXPECT_EQ(seen, "broken");
}

TEST(Task, LongChainsOfFinishedTasksDoNotGrowTheStack) {
  // Long enough to overflow the stack if each await added a frame to it. Address sanitizer builds turn tail calls off.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
  constexpr int kCount = 1000;
#else
  constexpr int kCount = 1000000;
#endif
  std::int64_t sum = 0;
  auto outer = [&]() -> Task<> {
    for (int i = 0; i < kCount; ++i) {
      sum += co_await Seven();
    }
  };
  Spawn(outer(), ExpectNoThrow);
  EXPECT_EQ(sum, 7LL * kCount);
}

TEST(Task, GoesOnFromThreadToThread) {
  Threads threads;
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;
  int steps = 0;
  auto inner = [&]() -> Task<int> {
    co_await Threads::Hop{threads};
    co_return 1;
  };
  auto outer = [&]() -> Task<> {
    for (int i = 0; i < 32; ++i) {
      steps += co_await inner();
    }
    const std::lock_guard lock(mutex);
    is_done = true;
    changed.notify_all();
  };
  Spawn(outer(), ExpectNoThrow);
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_done; });
  }
  threads.Join();
  EXPECT_EQ(steps, 32);
}

TEST(Task, LocalsAreDestroyedBeforeTheAwaiterGoesOn) {
  auto alive = std::make_shared<int>(0);
  long held_inside = 0;
  long held_after = 0;
  auto inner = [&]() -> Task<> {
    const auto copy = alive;
    held_inside = alive.use_count();
    co_return;
  };
  auto outer = [&]() -> Task<> {
    co_await inner();
    held_after = alive.use_count();
  };
  Spawn(outer(), ExpectNoThrow);
  EXPECT_EQ(held_inside, 2);
  EXPECT_EQ(held_after, 1);
}

}  // namespace
}  // namespace tutti
