// Callback: awaits something that ends by calling a function.
#pragma once

#include <coroutine>
#include <functional>
#include <optional>
#include <utility>

namespace tutti {

// co_await Callback<int>([](auto done) { ...; done(7); }): `done` must be called exactly once, from any thread, also on
// the stack of the function. It resumes the coroutine, so the function must touch nothing of its frame afterwards, nor
// after anything that may lead to the call on another thread: capture by value.
template <typename T>
class [[nodiscard]] Callback {
 public:
  using Done = std::function<void(T)>;
  using Start = std::function<void(Done)>;

  explicit Callback(Start start) : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }

  void await_suspend(std::coroutine_handle<> waiter) {
    const Start start = std::move(start_);
    start([this, waiter](T value) {
      value_.emplace(std::move(value));
      waiter.resume();
    });
    // The frame this object lives in may be gone by now.
  }

  T await_resume() { return std::move(*value_); }

 private:
  Start start_;
  std::optional<T> value_;
};

}  // namespace tutti
