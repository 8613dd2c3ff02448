#include "host/isolation/worker_calls.h"

#include <algorithm>
#include <utility>

#include "host/isolation/messages.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

bool WorkerCalls::Begin(tutti_call call) {
  CallTable::Spec spec;
  spec.id = call;
  spec.owner = plugin_;
  spec.completion = [this, call](const Result<std::string>& result) { SendEnd(call, result); };
  return table_.Begin(std::move(spec)).ok();
}

void WorkerCalls::SendEnd(tutti_call call, const Result<std::string>& result) {
  Close(call);
  bool is_too_large = false;
  WithOutcome(result, [&](const tutti_outcome& outcome) {
    FrameWriter frame(FrameType::kEnd, call);
    Put(frame, outcome);
    is_too_large = channel_.SendAnswer(frame) == Channel::Sent::kTooLarge;
  });
  if (is_too_large) {
    SendEnd(call, Status::ResourceExhausted("the result is larger than the " + std::to_string(channel_.max_frame()) +
                                            " bytes that leave a plugin's process at once"));
  }
}

void WorkerCalls::Cancel(tutti_call call) {
  const NodePtr node = table_.Find(call);
  if (node == nullptr) {
    return;
  }
  table_.Cancel(node);
  if (const auto window = WindowOf(call, false)) {
    const std::lock_guard lock(window->mutex);
    window->room.notify_all();
  }
}

std::shared_ptr<WorkerCalls::Window> WorkerCalls::WindowOf(tutti_call call, bool make) {
  const std::lock_guard lock(mutex_);
  const auto found = windows_.find(call);
  if (found != windows_.end()) {
    return found->second;
  }
  return make ? windows_.emplace(call, std::make_shared<Window>()).first->second : nullptr;
}

void WorkerCalls::Close(tutti_call call) {
  std::shared_ptr<Window> window;
  {
    const std::lock_guard lock(mutex_);
    const auto found = windows_.find(call);
    if (found == windows_.end()) {
      return;
    }
    window = std::move(found->second);
    windows_.erase(found);
  }
  const std::lock_guard lock(window->mutex);
  window->is_over = true;
  window->room.notify_all();
}

void WorkerCalls::Acknowledge(tutti_call call, std::uint32_t events, std::uint64_t bytes) {
  if (const auto window = WindowOf(call, false)) {
    const std::lock_guard lock(window->mutex);
    window->events -= std::min(events, window->events);
    window->bytes -= std::min(bytes, window->bytes);
    window->room.notify_all();
  }
}

tutti_code WorkerCalls::EmitWait(tutti_call call, std::string_view event, std::chrono::milliseconds timeout) {
  const NodePtr node = table_.Find(call);
  if (node == nullptr) {
    return TUTTI_NOT_FOUND;
  }
  const auto window = WindowOf(call, true);
  {
    std::unique_lock lock(window->mutex);
    const auto has_room = [&] {
      return window->events == 0 ||
             (window->events < settings_.event_window && window->bytes + event.size() <= settings_.event_bytes);
    };
    if (!window->is_over && !has_room()) {
      if (timeout.count() == 0) {
        return TUTTI_WOULD_BLOCK;
      }
      const auto may_go_on = [&] { return window->is_over || CallTable::cancelled(*node) || has_room(); };
      if (!window->room.wait_for(lock, timeout, may_go_on)) {
        return TUTTI_DEADLINE_EXCEEDED;
      }
      if (!window->is_over && !has_room()) {
        return TUTTI_CANCELLED;
      }
    }
    if (!window->is_over) {
      ++window->events;
      window->bytes += event.size();
    }
  }
  if (!IsRunning(call)) {
    Close(call);  // also a window that was made just after the call had ended
    return TUTTI_NOT_FOUND;
  }
  FrameWriter frame(FrameType::kEvent, call);
  frame.Text(event);
  const Channel::Sent sent = channel_.Send(frame);
  if (sent == Channel::Sent::kYes) {
    return TUTTI_OK;
  }
  Acknowledge(call, 1, event.size());
  switch (sent) {
    case Channel::Sent::kFull:
      return TUTTI_WOULD_BLOCK;
    case Channel::Sent::kTooLarge:
      return TUTTI_RESOURCE_EXHAUSTED;
    default:
      return TUTTI_NOT_FOUND;
  }
}

bool WorkerCalls::Finish(tutti_call call, Result<std::string> result) {
  return table_.Finish(call, plugin_, std::move(result));
}

bool WorkerCalls::Cancelled(tutti_call call) const {
  const NodePtr node = table_.Find(call);
  return node == nullptr || CallTable::cancelled(*node);
}

tutti_code WorkerCalls::OnCancel(tutti_call call, void (*fn)(void*), void* user) {
  return table_.OnCancel(call, plugin_, fn, user);
}

void WorkerCalls::Forget(tutti_call call) {
  table_.Forget(call, plugin_);
}

}  // namespace tutti::host
