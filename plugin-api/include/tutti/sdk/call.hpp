// Call: what the host asked this plugin to do, and how the plugin answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tutti/abi/calls.h"
#include "tutti/sdk/status.hpp"

namespace tutti {

inline tutti_str Str(std::string_view text) {
  return {text.data(), text.size()};
}

inline std::string_view View(tutti_str text) {
  return {text.data ? text.data : "", text.size};
}

inline void Write(const tutti_sink* sink, std::string_view text) {
  if (TUTTI_HAS(sink, tutti_sink, write) && sink->write != nullptr) {
    sink->write(sink->user, Str(text));
  }
}

// Calls fn(const tutti_outcome&) with the outcome that stands for a result.
template <typename Fn>
void WithOutcome(const Result<std::string>& result, Fn&& fn) {
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  if (result.ok()) {
    outcome.body = Str(*result);
    fn(outcome);
    return;
  }
  const Status status = result.status();
  outcome.code = static_cast<tutti_code>(status.code());
  outcome.message = Str(status.message());
  outcome.body = Str(status.details());
  outcome.retry_after_ms = static_cast<std::uint32_t>(status.retry_after().count());
  fn(outcome);
}

inline Result<std::string> FromOutcome(const tutti_outcome& outcome) {
  if (outcome.code == TUTTI_OK) {
    return std::string(View(outcome.body));
  }
  const bool known = outcome.code > 0 && outcome.code <= TUTTI_UNAUTHENTICATED;
  Status status(known ? static_cast<Code>(outcome.code) : Code::kUnknown, std::string(View(outcome.message)));
  if (outcome.body.size > 0) {
    status = status.WithDetails(std::string(View(outcome.body)));
  }
  if (outcome.retry_after_ms > 0) {
    status = status.WithRetryAfter(std::chrono::milliseconds(outcome.retry_after_ms));
  }
  return status;
}

// Copies are one call. The first Finish wins; when the last copy goes unfinished the call ends with INTERNAL.
// Threads: any.
class Call {
 public:
  Call(const tutti_host* host, const tutti_host_calls* calls, const tutti_call_info& info)
      : state_(std::make_shared<State>(host, calls, info)) {}

  // Ends the call. Do not hold a lock that the OnCancel function takes: Finish waits for it.
  void Finish(const Result<std::string>& result) const { state_->Finish(result); }

  // One event to the caller, JSON. false: its queue is full, or the call is over.
  bool Emit(std::string_view event) const {
    return state_->calls->emit(state_->host, state_->id, Str(event)) == TUTTI_OK;
  }

  // The same, waiting for room. Blocks: worker threads only.
  [[nodiscard]] bool EmitWait(std::string_view event, std::chrono::milliseconds timeout) const {
    return state_->calls->emit_wait(state_->host, state_->id, Str(event),
                                    static_cast<std::uint32_t>(timeout.count())) == TUTTI_OK;
  }

  [[nodiscard]] bool cancelled() const { return state_->calls->cancelled(state_->host, state_->id) != 0; }

  // `fn` runs once on a worker thread when the call is cancelled before it ended; at once when it is already. Set once.
  // false: the call is over, because the host gave up waiting for it, and `fn` will not run.
  bool OnCancel(std::function<void()> fn) const {
    state_->on_cancel = std::move(fn);
    const tutti_code code = state_->calls->on_cancel(
        state_->host, state_->id, [](void* user) { static_cast<State*>(user)->on_cancel(); }, state_.get());
    return code == TUTTI_OK;
  }

  // Withdraws OnCancel; afterwards its function neither runs nor is running.
  void Forget() const { state_->calls->forget(state_->host, state_->id); }

  [[nodiscard]] tutti_call id() const { return state_->id; }

  [[nodiscard]] std::uint32_t depth() const { return state_->depth; }

  // TUTTI_SURFACE_*
  [[nodiscard]] std::uint32_t surface() const { return state_->surface; }

  // Unix time in milliseconds; 0 = none.
  [[nodiscard]] std::int64_t deadline_ms() const { return state_->deadline_ms; }

  [[nodiscard]] const std::string& trace() const { return state_->trace; }

  [[nodiscard]] const std::string& caller() const { return state_->caller; }

  [[nodiscard]] const std::string& principal() const { return state_->principal; }

  [[nodiscard]] const std::string& run() const { return state_->run; }

  [[nodiscard]] const std::string& agent() const { return state_->agent; }

  [[nodiscard]] const std::string& stream() const { return state_->stream; }

  // JSON object, or empty.
  [[nodiscard]] const std::string& labels() const { return state_->labels; }

 private:
  struct State {
    State(const tutti_host* h, const tutti_host_calls* c, const tutti_call_info& info)
        : host(h),
          calls(c),
          id(info.call),
          depth(info.depth),
          surface(info.surface),
          deadline_ms(info.deadline_ms),
          trace(View(info.trace)),
          caller(View(info.caller)),
          principal(View(info.principal)),
          run(View(info.run)),
          agent(View(info.agent)),
          stream(View(info.stream)),
          labels(View(info.labels)) {}

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() {
      if (!finished) {
        Finish(Status::Internal("the plugin let go of the call without an answer"));
      }
    }

    void Finish(const Result<std::string>& result) {
      finished = true;
      WithOutcome(result, [this](const tutti_outcome& outcome) { calls->finish(host, id, &outcome); });
    }

    const tutti_host* host;
    const tutti_host_calls* calls;
    tutti_call id;
    std::uint32_t depth;
    std::uint32_t surface;
    std::int64_t deadline_ms;
    std::string trace, caller, principal, run, agent, stream, labels;
    std::function<void()> on_cancel;
    std::atomic<bool> finished{false};
  };

  std::shared_ptr<State> state_;
};

}  // namespace tutti
