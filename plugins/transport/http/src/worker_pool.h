// A fixed number of threads over one bounded queue.
//
// Threads: Submit from any; Stop from one, once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tutti::transport::http {

class Task {
 public:
  virtual ~Task() = default;
  virtual void Run() = 0;
};

class WorkerPool {
 public:
  // Starts the threads.
  WorkerPool(std::size_t threads, std::size_t queue_limit);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Takes tasks from the front of `tasks` as long as there is room; those not taken stay in it.
  void Submit(std::vector<std::unique_ptr<Task>>& tasks);

  // Runs what is queued, then ends the threads.
  void Stop();

 private:
  void Work();

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Task>> queue_;  // guarded by mutex_
  std::size_t sleeping_ = 0;                 // guarded by mutex_
  bool is_stopping_ = false;                 // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace tutti::transport::http
