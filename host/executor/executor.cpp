#include "host/executor/executor.h"

#include <algorithm>
#include <utility>

namespace tutti::host {

Executor::Executor(Settings settings) : settings_(settings) {
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < std::max<std::size_t>(1, settings.workers); ++i) {
      AddWorker();
    }
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

bool Executor::Stop(std::chrono::milliseconds grace) {
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
  std::unique_lock lock(mutex_);
  is_stopping_ = true;
  ready_.notify_all();
  const auto all_ended = [this] {
    return std::all_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.has_ended; });
  };
  if (!ended_.wait_for(lock, grace, all_ended)) {
    return false;
  }
  lock.unlock();
  // From here on nothing changes the list.
  for (Worker& worker : workers_) {
    if (worker.thread.joinable()) {
      worker.thread.join();
    }
  }
  return true;
}

Executor::Replacement Executor::Replace(const ThreadSlot& slot) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(workers_.begin(), workers_.end(), [&](const Worker& worker) { return worker.slot == &slot; });
  if (found == workers_.end()) {
    return Replacement::kNotAWorker;
  }
  if (found->is_lost) {
    return Replacement::kLost;
  }
  found->is_lost = true;
  ++lost_;
  --serving_;
  // Waiting, it would go on waiting.
  ready_.notify_all();
  if (lost_ > settings_.lost_threads || is_stopping_) {
    return Replacement::kNoneLeft;
  }
  AddWorker();
  return Replacement::kReplaced;
}

std::size_t Executor::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

bool Executor::is_short() const {
  const std::lock_guard lock(mutex_);
  return serving_ < std::max<std::size_t>(1, settings_.workers);
}

std::size_t Executor::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Executor::AddWorker() {
  // Those that are back have ended, or are about to: joining them takes no time.
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (worker->has_ended && !is_stopping_ && worker->thread.get_id() != std::this_thread::get_id()) {
      worker->thread.join();
      worker = workers_.erase(worker);
    } else {
      ++worker;
    }
  }
  ++serving_;
  Worker& added = workers_.emplace_back();
  added.thread = std::thread([this, &added] { RunWorker(added); });
}

void Executor::RunWorker(Worker& self) {
  const ThreadSlot& slot = ThreadSlot::Current();
  std::unique_lock lock(mutex_);
  self.slot = &slot;
  while (true) {
    ready_.wait(lock, [&] { return self.is_lost || is_stopping_ || !queue_.empty(); });
    if (self.is_lost || queue_.empty()) {
      End(self);
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

void Executor::End(Worker& self) {
  self.slot = nullptr;
  self.has_ended = true;
  if (self.is_lost) {
    --lost_;
    if (!is_stopping_ && serving_ < std::max<std::size_t>(1, settings_.workers)) {
      // It was given up when no more could be replaced: now there is room.
      AddWorker();
    }
  }
  // Under the lock: whoever waits for this may destroy the object next.
  ended_.notify_all();
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
