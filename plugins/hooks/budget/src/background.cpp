#include "background.h"

#include <utility>

namespace tutti::budget {

void Background::Every(std::chrono::milliseconds pause, Work work) {
  std::size_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = false;
    number = chores_.size();
    chores_[number] = Chore{pause, std::move(work), {}};
  }
  Arm(number);
}

void Background::Arm(std::size_t chore) {
  const std::lock_guard lock(mutex_);
  if (!is_stopping_) {
    Chore& mine = chores_.at(chore);
    mine.timer = host_.PostAfter(mine.pause, [this, chore] { Run(chore); });
  }
}

void Background::Run(std::size_t chore) {
  Work work;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      return;
    }
    ++running_;
    work = chores_.at(chore).work;
  }
  auto counted = [](Background* self, std::size_t number, Work body) -> Task<void> {
    try {
      co_await body();
    } catch (const std::exception& error) {
      self->host_.Log(TUTTI_LOG_ERROR, "a chore of budgets threw an exception",
                      JsonObject()("what", error.what()).Take());
    }
    self->Arm(number);
    const std::lock_guard lock(self->mutex_);
    --self->running_;
    self->idle_.notify_all();
  };
  Spawn(counted(this, chore, std::move(work)), [](const std::exception_ptr&) {});
}

void Background::Stop() {
  std::unique_lock lock(mutex_);
  is_stopping_ = true;
  idle_.wait(lock, [this] { return running_ == 0; });
  std::map<std::size_t, Chore> done = std::exchange(chores_, {});
  lock.unlock();
}

}  // namespace tutti::budget
