#include "worker_pool.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace tutti::anthropic {
namespace {

// A peer that closes early must be an error of the write, not the end of the process.
void BlockSignals() {
  sigset_t signals;
  sigfillset(&signals);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

WorkerPool::WorkerPool(std::size_t max_threads, std::size_t max_queue)
    : max_threads_(max_threads), max_queue_(max_queue) {}

WorkerPool::~WorkerPool() {
  Stop();
}

bool WorkerPool::Submit(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) {
    return false;
  }
  if (busy_ + queue_.size() >= max_threads_ + max_queue_) {
    return false;
  }
  queue_.push_back(std::move(job));
  if (busy_ + queue_.size() > threads_.size() && threads_.size() < max_threads_) {
    threads_.emplace_back([this] { Run(); });
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::Stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    threads.swap(threads_);
    changed_.notify_all();
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

void WorkerPool::Run() {
  BlockSignals();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    if (queue_.empty()) {
      return;
    }
    std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    ++busy_;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    --busy_;
  }
}

}  // namespace tutti::anthropic
