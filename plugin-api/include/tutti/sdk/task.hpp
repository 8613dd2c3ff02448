// Task: a coroutine that waits for other calls without holding a thread.
//
// A Task starts when it is awaited and runs to its end on whichever thread resumes it, one at a time. It may be awaited
// once. Arguments taken by reference or as views must outlive it: what Tutti passes to a plugin's own Task does.
//
// With gcc 12 give an awaiter of your own that has members with destructors a name before you await it: of an aggregate
// temporary in `co_await Awaiter{...}` it destroys a member twice (gcc bug 99576).
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace tutti {

template <typename T>
class [[nodiscard]] Task;

namespace internal {

struct TaskPromiseBase {
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }

    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().continuation;
    }

    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }

  FinalAwaiter final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept { exception = std::current_exception(); }

  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception;
};

template <typename T>
struct TaskPromise : TaskPromiseBase {
  Task<T> get_return_object();

  template <typename U>
  void return_value(U&& returned) {
    value.emplace(std::forward<U>(returned));
  }

  T Take() {
    if (exception) {
      std::rethrow_exception(exception);
    }
    return std::move(*value);
  }

  std::optional<T> value;
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();

  void return_void() const noexcept {}

  void Take() const {
    if (exception) {
      std::rethrow_exception(exception);
    }
  }
};

}  // namespace internal

template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  ~Task() {
    if (handle_) {
      handle_.destroy();
    }
  }

  bool await_ready() const noexcept { return false; }

  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().continuation = waiter;
    return handle_;
  }

  T await_resume() { return handle_.promise().Take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace internal {

template <typename T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}

inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

// A coroutine that owns itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }

    std::suspend_never initial_suspend() const noexcept { return {}; }

    std::suspend_never final_suspend() const noexcept { return {}; }

    void return_void() const noexcept {}

    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

}  // namespace internal

// Starts a Task now, on this thread, and lets it go. What it throws is given to `failed(std::exception_ptr)`.
template <typename Failed>
internal::Detached Spawn(Task<void> task, Failed failed) {
  std::exception_ptr thrown;
  try {
    co_await std::move(task);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) {
    failed(thrown);
  }
}

}  // namespace tutti
