// The waiting line in front of connections: bounded by count and by bytes; full means refused at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "batch.h"
#include "driver.h"

namespace tutti::storage {

// How a batch ends: its results, or why it left nothing behind.
using Done = std::function<void(Result<std::string>)>;

struct Job {
  std::unique_ptr<Batch> batch;  // empty: a task
  Done done;
  std::function<void(Result<Connection*>)> task;  // runs outside of any transaction; gets why there is no connection
  std::chrono::steady_clock::time_point queued = std::chrono::steady_clock::now();
};

// Any thread may push; any number of threads may take. Tasks are never refused but after Close.
class JobQueue {
 public:
  JobQueue(std::size_t most_jobs, std::size_t most_bytes) : most_jobs_(most_jobs), most_bytes_(most_bytes) {}

  // RESOURCE_EXHAUSTED when full, UNAVAILABLE after Close; `job` is then untouched.
  Status Push(Job& job);

  // Waits for work and takes up to `most` jobs; a task is always taken alone. Empty once closed and drained.
  std::vector<Job> Take(std::size_t most);

  // Refuses new jobs; those inside are still taken.
  void Close();

  // Takes jobs again after Close.
  void Open();

  [[nodiscard]] std::size_t size() const;

 private:
  const std::size_t most_jobs_;
  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;   // guarded by mutex_
  std::size_t bytes_ = 0;  // guarded by mutex_
  bool closed_ = false;    // guarded by mutex_
};

}  // namespace tutti::storage
