#include "host/dispatch/circuit_breaker.h"

#include <algorithm>

namespace tutti::host {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Longer texts of errors are cut: they are shown in health and logs.
constexpr std::size_t kMostText = 1000;

}  // namespace

CircuitBreaker::Pass CircuitBreaker::Enter() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::kClosed) {
    return {};
  }
  const milliseconds left = duration_cast<milliseconds>(opened_at_ + settings_.pause - clock_());
  if (state_ == State::kOpen && left.count() <= 0) {
    state_ = State::kHalfOpen;
    return {true, true, {}};
  }
  ++refused_;
  return {false, false, std::max(left, milliseconds(1))};
}

CircuitBreaker::Change CircuitBreaker::Succeeded() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  if (state_ == State::kClosed) {
    return Change::kNone;
  }
  state_ = State::kClosed;
  return Change::kClosed;
}

CircuitBreaker::Change CircuitBreaker::Failed(std::string_view why) {
  const std::lock_guard lock(mutex_);
  const Time now = clock_();
  last_error_ = why.substr(0, kMostText);
  last_error_at_ = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  ++failed_;
  if (state_ == State::kHalfOpen) {
    state_ = State::kOpen;
    opened_at_ = now;
    return Change::kNone;
  }
  if (state_ == State::kOpen) {
    return Change::kNone;
  }
  if (failures_ == 0) {
    first_failure_ = now;
  }
  if (failures_ == 0 || now - window_from_ > settings_.window) {
    window_from_ = now;
    failures_ = 0;
  }
  ++failures_;
  return settings_.failures > 0 && failures_ >= settings_.failures ? Open(now) : Change::kNone;
}

CircuitBreaker::Change CircuitBreaker::Open(Time now) {
  state_ = State::kOpen;
  opened_at_ = now;
  ++opened_;
  return Change::kOpened;
}

void CircuitBreaker::Leave(const Pass& pass) {
  const std::lock_guard lock(mutex_);
  if (pass.is_probe && state_ == State::kHalfOpen) {
    // As it was before: the next may look at once.
    state_ = State::kOpen;
  }
}

bool CircuitBreaker::IsDue() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kOpen && clock_() >= opened_at_ + settings_.pause;
}

CircuitBreaker::View CircuitBreaker::view() const {
  const std::lock_guard lock(mutex_);
  View view;
  view.state = state_;
  view.is_failing = failures_ > 0;
  view.failing_for = view.is_failing ? duration_cast<milliseconds>(clock_() - first_failure_) : milliseconds(0);
  view.opened = opened_;
  view.refused = refused_;
  view.failed = failed_;
  view.last_error = last_error_;
  view.last_error_at = last_error_at_;
  return view;
}

std::string_view ToString(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::kClosed:
      return "closed";
    case CircuitBreaker::State::kHalfOpen:
      return "half_open";
    case CircuitBreaker::State::kOpen:
      return "open";
  }
  return "closed";
}

}  // namespace tutti::host
