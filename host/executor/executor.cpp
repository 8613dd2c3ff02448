#include "host/executor/executor.h"

#include <algorithm>
#include <utility>

namespace tutti::host {

Executor::Executor(Settings settings) : settings_(settings) {
  const std::size_t count = std::max<std::size_t>(1, settings.workers);
  workers_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    workers_.emplace_back([this] { RunWorker(); });
  }
  timer_thread_ = std::thread([this] { RunTimers(); });
}

Executor::~Executor() {
  Stop();
}

bool Executor::Submit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || queue_.size() >= settings_.queue) {
      return false;
    }
    queue_.push_back(std::move(work));
  }
  ready_.notify_one();
  return true;
}

void Executor::Resume(Work work) {
  {
    std::unique_lock lock(mutex_);
    if (is_stopping_) {
      lock.unlock();
      work();
      return;
    }
    queue_.push_back(std::move(work));
  }
  ready_.notify_one();
}

std::uint64_t Executor::SubmitAfter(std::chrono::milliseconds delay, Work work) {
  const std::lock_guard lock(timer_mutex_);
  if (timers_stopping_ || timers_.size() >= settings_.queue) {
    return 0;
  }
  const std::uint64_t id = next_timer_++;
  const auto at = timers_.emplace(Clock::now() + delay, Timer{id, std::move(work)});
  timer_by_id_.emplace(id, at);
  if (at == timers_.begin()) {
    timer_ready_.notify_one();
  }
  return id;
}

bool Executor::CancelTimer(std::uint64_t timer) {
  const std::lock_guard lock(timer_mutex_);
  const auto found = timer_by_id_.find(timer);
  if (found == timer_by_id_.end()) {
    return false;
  }
  timers_.erase(found->second);
  timer_by_id_.erase(found);
  return true;
}

void Executor::Stop() {
  {
    const std::lock_guard lock(timer_mutex_);
    timers_stopping_ = true;
    timers_.clear();
    timer_by_id_.clear();
  }
  timer_ready_.notify_all();
  if (timer_thread_.joinable()) {
    timer_thread_.join();
  }
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& worker : workers_) {
    if (worker.joinable()) {
      worker.join();
    }
  }
}

std::size_t Executor::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Executor::RunWorker() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    if (queue_.empty()) {
      return;
    }
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

void Executor::RunTimers() {
  std::unique_lock lock(timer_mutex_);
  while (!timers_stopping_) {
    if (timers_.empty()) {
      timer_ready_.wait(lock);
      continue;
    }
    const auto due = timers_.begin()->first;
    if (Clock::now() < due) {
      timer_ready_.wait_until(lock, due);
      continue;
    }
    Work work = std::move(timers_.begin()->second.work);
    timer_by_id_.erase(timers_.begin()->second.id);
    timers_.erase(timers_.begin());
    lock.unlock();
    Resume(std::move(work));
    lock.lock();
  }
}

}  // namespace tutti::host
