#include "host/dispatch/plugin_call.h"

#include <chrono>
#include <utility>

#include "tutti/sdk/call.hpp"

namespace tutti::host {

std::int64_t NowMillis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool PluginCall::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  const std::uint64_t most = spec_.plugin->spec().max_running;
  PluginGate::Ticket ticket = spec_.plugin->gate().Enter(most);
  if (!ticket && spec_.plugin->gate().is_open()) {
    result_ = Status::ResourceExhausted("the plugin " + std::string(spec_.plugin->id()) + " serves " +
                                        std::to_string(most) + " calls at once (limits.max_running); try again later")
                  .WithRetryAfter(std::chrono::milliseconds(500));
    return false;
  }
  if (!ticket) {
    is_refused_ = true;
    result_ = Status::Unavailable("the plugin " + std::string(spec_.plugin->id()) + " is switched off");
    return false;
  }
  CallTable::Spec begin;
  begin.owner = spec_.plugin->id();
  begin.starter = spec_.starter;
  begin.context = spec_.context;
  begin.parent = spec_.parent;
  begin.deadline_ms = spec_.deadline_ms;
  begin.grace_ms = spec_.grace_ms;
  begin.ticket = std::move(ticket);
  begin.on_event = std::move(spec_.on_event);
  begin.completion = [this](Result<std::string> result) { Finished(std::move(result)); };
  Result<NodePtr> begun = calls_.Begin(std::move(begin));
  if (!begun.ok()) {
    result_ = begun.status();
    return false;
  }
  const NodePtr node = std::move(*begun);
  if (!spec_.on_worker) {
    Enter(node);
    return Suspend();
  }
  const bool submitted = executor_.Submit([this, node] {
    Enter(node);
    const std::coroutine_handle<> coroutine = waiter_;
    if (!Suspend()) {
      coroutine.resume();
    }
  });
  if (!submitted) {
    calls_.Finish(node, Status::ResourceExhausted("the host's work queue is full (executor.queue); try again later")
                            .WithRetryAfter(std::chrono::milliseconds(500)));
    return Suspend();
  }
  return true;
}

void PluginCall::Enter(const NodePtr& node) {
  // The call may end, and let its ticket go, while the plugin's function still runs: the plugin stays for that long.
  const PluginGate::Ticket stay = spec_.plugin->gate().Stay();
  if (calls_.Find(node->id) == nullptr) {
    return;
  }
  const CallContext& context = *node->context;
  const tutti_call_info info{sizeof info,       node->id,           node->depth,         context.surface,
                             node->deadline_ms, Str(context.trace), Str(node->starter),  Str(context.principal),
                             Str(context.run),  Str(context.agent), Str(context.stream), Str(context.labels)};
  spec_.enter(spec_.plugin->self(), info);
}

bool PluginCall::Suspend() {
  int starting = kStarting;
  return state_.compare_exchange_strong(starting, kWaiting);
}

void PluginCall::Finished(Result<std::string> result) {
  if (spec_.on_finished) {
    spec_.on_finished(result);
  }
  result_ = std::move(result);
  const std::coroutine_handle<> coroutine = waiter_;
  Executor& executor = executor_;
  if (state_.exchange(kFinished) == kWaiting) {
    executor.Resume([coroutine] { coroutine.resume(); });
  }
}

}  // namespace tutti::host
