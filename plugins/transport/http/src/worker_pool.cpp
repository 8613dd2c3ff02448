#include "worker_pool.h"

#include <algorithm>
#include <iterator>

namespace tutti::transport::http {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

WorkerPool::~WorkerPool() {
  Stop();
}

void WorkerPool::Submit(std::vector<std::unique_ptr<Task>>& tasks) {
  std::size_t wake = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t taken = std::min(tasks.size(), queue_limit_ - queue_.size());
    const auto end = tasks.begin() + static_cast<std::ptrdiff_t>(taken);
    queue_.insert(queue_.end(), std::make_move_iterator(tasks.begin()), std::make_move_iterator(end));
    tasks.erase(tasks.begin(), end);
    wake = std::min(taken, sleeping_);
  }
  for (std::size_t i = 0; i < wake; ++i) {
    changed_.notify_one();
  }
}

void WorkerPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void WorkerPool::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    while (queue_.empty() && !is_stopping_) {
      ++sleeping_;
      changed_.wait(lock);
      --sleeping_;
    }
    if (queue_.empty()) {
      return;
    }
    std::unique_ptr<Task> task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task->Run();
    task.reset();
    lock.lock();
  }
}

}  // namespace tutti::transport::http
