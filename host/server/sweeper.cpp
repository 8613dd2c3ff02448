#include "host/server/sweeper.h"

#include "host/dispatch/plugin_call.h"

namespace tutti::host {

Sweeper::Sweeper(Core& core, std::chrono::milliseconds every)
    : core_(core), every_(every), thread_([this] { Run(); }) {}

Sweeper::~Sweeper() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Sweeper::Run() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, every_, [this] { return is_stopping_; })) {
    lock.unlock();
    core_.calls.Sweep(NowMillis());
    core_.watchdog.Look();
    core_.store.Look();
    core_.journal_feed.Tick();
    core_.journal_keeper.Tick();
    if (core_.is_serving.load()) {
      core_.idempotent.Tick(NowMillis());
    }
    lock.lock();
  }
}

}  // namespace tutti::host
