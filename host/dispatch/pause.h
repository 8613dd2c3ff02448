// co_await: go on after a while, on a worker, holding no thread.
#pragma once

#include <chrono>
#include <coroutine>

#include "host/executor/executor.h"

namespace tutti::host {

struct Pause {
  Executor& executor;
  std::chrono::milliseconds length;

  bool await_ready() const noexcept { return false; }

  // false, going on at once, when the executor takes no timers any more.
  bool await_suspend(std::coroutine_handle<> waiter) const {
    return executor.SubmitAfter(length, [waiter] { waiter.resume(); }) != 0;
  }

  void await_resume() const noexcept {}
};

}  // namespace tutti::host
