#include "worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>

namespace tutti::transport::http {
namespace {

class FunctionTask : public Task {
 public:
  explicit FunctionTask(std::function<void()> fn) : fn_(std::move(fn)) {}

  void Run() override { fn_(); }

 private:
  std::function<void()> fn_;
};

TEST(WorkerPool, StopRunsWhatIsQueued) {
  std::atomic<int> ran{0};
  WorkerPool pool(3, 1000);
  std::vector<std::unique_ptr<Task>> tasks;
  for (int i = 0; i < 500; ++i) {
    tasks.push_back(std::make_unique<FunctionTask>([&] { ++ran; }));
  }
  pool.Submit(tasks);
  EXPECT_TRUE(tasks.empty());
  pool.Stop();
  EXPECT_EQ(ran, 500);
}

TEST(WorkerPool, AFullQueueTakesNoMore) {
  std::latch begun(1);
  std::latch release(1);
  WorkerPool pool(1, 2);
  std::vector<std::unique_ptr<Task>> tasks;
  tasks.push_back(std::make_unique<FunctionTask>([&] {
    begun.count_down();
    release.wait();
  }));
  pool.Submit(tasks);
  begun.wait();
  for (int i = 0; i < 5; ++i) {
    tasks.push_back(std::make_unique<FunctionTask>([] {}));
  }
  pool.Submit(tasks);
  EXPECT_EQ(tasks.size(), 3U);
  release.count_down();
  pool.Stop();
}

}  // namespace
}  // namespace tutti::transport::http
