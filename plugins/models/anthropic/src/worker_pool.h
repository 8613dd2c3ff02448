// A bounded pool of own threads for work that blocks in network reads, so that the host's workers do not.
//
// Threads are started as they are needed, up to the bound, and kept until Stop.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tutti::anthropic {

class WorkerPool {
 public:
  WorkerPool(std::size_t max_threads, std::size_t max_queue);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  // False when max_threads are busy and max_queue jobs wait, or after Stop: then the job does not run. Any thread. A
  // job must not throw.
  [[nodiscard]] bool Submit(std::function<void()> job);

  // Runs what is queued, waits for all and takes nothing more. Not from inside a job.
  void Stop();

 private:
  void Run();

  const std::size_t max_threads_;
  const std::size_t max_queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_, as all below
  std::vector<std::thread> threads_;
  std::size_t busy_ = 0;  // jobs that run
  bool is_stopping_ = false;
};

}  // namespace tutti::anthropic
