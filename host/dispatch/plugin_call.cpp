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
  entry_ = std::make_shared<Entry>();
  entry_->enter = std::move(spec_.enter);
  entry_->detail = std::move(spec_.detail);
  entry_->operation = spec_.operation;
  entry_->tag = &spec_.plugin->tag();
  entry_->conduct = spec_.plugin->conduct();
  entry_->self = spec_.plugin->self();
  entry_->calls = &calls_;
  CallTable::Spec begin;
  begin.owner = spec_.plugin->id();
  begin.starter = spec_.starter;
  begin.tag = entry_->tag;
  begin.context = spec_.context;
  begin.parent = spec_.parent;
  begin.deadline_ms = spec_.deadline_ms;
  begin.grace_ms = spec_.grace_ms;
  begin.ticket = std::move(ticket);
  begin.on_event = std::move(spec_.on_event);
  begin.completion = [this](Result<std::string> result) { Finished(std::move(result)); };
  // From here on the call may end at any time, on any thread, and this object go away with its coroutine.
  const std::shared_ptr<Entry> entry = entry_;
  const bool on_worker = spec_.on_worker;
  Executor& executor = executor_;
  Result<NodePtr> begun = calls_.Begin(std::move(begin));
  if (!begun.ok()) {
    result_ = begun.status();
    return false;
  }
  entry->node = std::move(*begun);
  if (!on_worker) {
    Enter(*entry);
    return Suspend(*entry);
  }
  const bool submitted = executor.Submit([entry, waiter] {
    Enter(*entry);
    if (!Suspend(*entry)) {
      waiter.resume();
    }
  });
  if (!submitted) {
    entry->thread = std::this_thread::get_id();
    entry->calls->Finish(entry->node,
                         Status::ResourceExhausted("the host's work queue is full (executor.queue); try again later")
                             .WithRetryAfter(std::chrono::milliseconds(500)));
    return Suspend(*entry);
  }
  return true;
}

void PluginCall::Enter(Entry& entry) {
  entry.thread = std::this_thread::get_id();
  const CallNode& node = *entry.node;
  const CallContext& context = *node.context;
  const tutti_call_info info{sizeof info,         node.id,
                             node.depth,          context.surface,
                             node.deadline_ms,    Str(context.trace),
                             Str(node.starter),   Str(context.principal),
                             Str(context.run),    Str(context.agent),
                             Str(context.stream), Str(context.labels)};
  const Status status = EnterPlugin(*entry.tag, *entry.operation, node.id, entry.detail, entry.conduct, [&] {
    // Asked from inside: a plugin whose call is over may be gone, but not while a thread counts as inside.
    if (entry.calls->Find(node.id) != nullptr) {
      entry.enter(entry.self, info);
    }
  });
  if (!status.ok()) {
    entry.calls->Finish(entry.node, status);
  }
}

bool PluginCall::Suspend(Entry& entry) {
  int state = kStarting;
  return entry.state.compare_exchange_strong(state, kWaiting) || state != kAnswered;
}

void PluginCall::Finished(Result<std::string> result) {
  if (spec_.on_finished) {
    spec_.on_finished(result);
  }
  result_ = std::move(result);
  const std::coroutine_handle<> coroutine = waiter_;
  Executor& executor = executor_;
  const bool is_inside = entry_->thread.load() == std::this_thread::get_id();
  int state = kStarting;
  if (entry_->state.compare_exchange_strong(state, is_inside ? kAnswered : kLeft) && is_inside) {
    return;
  }
  executor.Resume([coroutine] { coroutine.resume(); });
}

}  // namespace tutti::host
