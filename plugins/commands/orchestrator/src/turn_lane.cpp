#include "turn_lane.h"

#include <exception>
#include <utility>

namespace tutti::orchestrator {

Status TurnLane::Push(Turn turn) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
      return Status::Unavailable("the orchestrator is stopping and takes no more work");
    }
    if (waiting_.size() >= max_waiting_ && is_active_) {
      return Status::ResourceExhausted(std::to_string(waiting_.size()) + " turns wait already; try again later")
          .WithRetryAfter(std::chrono::seconds(5));
    }
    waiting_.push_back(std::move(turn));
    if (std::exchange(is_active_, true)) {
      return {};
    }
  }
  Spawn(Drain(shared_from_this()), [](const std::exception_ptr&) {});
  return {};
}

Task<void> TurnLane::Drain(std::shared_ptr<TurnLane> self) {
  std::vector<std::function<void()>> told;
  while (true) {
    Turn turn;
    Number number = 0;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        is_active_ = false;
        told.swap(on_idle_);
        idle_.notify_all();
        break;
      }
      turn = std::move(waiting_.front());
      waiting_.pop_front();
      number = ++number_;
      handle_ = 0;
      is_interrupted_ = false;
    }
    try {
      co_await turn(number);
    } catch (const std::exception& thrown) {
      self->fault_(thrown.what());
    } catch (...) {
      self->fault_("something that is no std::exception");
    }
  }
  for (const auto& done : told) {
    done();
  }
}

Callback<Result<std::string>> TurnLane::Interruptible(Number number, Begin begin) {
  return Callback<Result<std::string>>([self = shared_from_this(), number, begin = std::move(begin)](auto done) {
    const tutti_call handle = begin(std::move(done));
    if (self->Attach(number, handle)) {
      self->cancel_(handle);
    }
  });
}

bool TurnLane::Attach(Number number, tutti_call handle) {
  const std::lock_guard lock(mutex_);
  if (number != number_) {
    return false;
  }
  handle_ = handle;
  return is_interrupted_;
}

void TurnLane::Interrupt(Number number) {
  tutti_call handle = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!is_active_ || number != number_ || std::exchange(is_interrupted_, true)) {
      return;
    }
    handle = handle_;
  }
  if (handle != 0) {
    cancel_(handle);
  }
}

void TurnLane::InterruptAll(std::function<void(std::size_t)> done) {
  tutti_call handle = 0;
  std::deque<Turn> dropped;
  bool is_idle = false;
  {
    const std::lock_guard lock(mutex_);
    is_idle = !is_active_;
    if (!is_idle) {
      dropped.swap(waiting_);
      on_idle_.emplace_back([done, count = dropped.size() + 1] { done(count); });
      handle = std::exchange(is_interrupted_, true) ? 0 : handle_;
    }
  }
  if (is_idle) {
    done(0);
  } else if (handle != 0) {
    cancel_(handle);
  }
}

void TurnLane::Close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

bool TurnLane::WaitUntilIdle(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return idle_.wait_until(lock, deadline, [this] { return !is_active_; });
}

}  // namespace tutti::orchestrator
