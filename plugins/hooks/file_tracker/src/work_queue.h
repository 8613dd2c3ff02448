// WorkQueue: jobs that may block, on threads of its own, in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tutti::file_tracker {

// Threads: Push from any thread. Destroying it runs what waits, then ends the threads.
class WorkQueue {
 public:
  WorkQueue(std::size_t threads, std::size_t capacity);
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // false: `capacity` jobs are waiting, and this one will not run.
  [[nodiscard]] bool Push(std::function<void()> job);

 private:
  void Run();

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;  // guarded by mutex_
  bool is_closed_ = false;                     // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace tutti::file_tracker
