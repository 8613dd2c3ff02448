// FakeCalls: calls a test makes on a plugin, with everything tutti/abi/calls.h promises about them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tutti/abi/calls.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/testing/fake_executor.hpp"
#include "tutti/sdk/testing/signal.hpp"

namespace tutti::testing {

// One call on the plugin. Its members belong to FakeCalls and are guarded by its mutex.
struct PluginCall {
  tutti_call id = 0;
  std::size_t event_capacity = 0;
  std::vector<std::string> unread_events;
  bool is_over = false;
  bool is_cancelled = false;
  std::optional<Result<std::string>> result;  // what the plugin finished with; empty when the host ended the call
  std::size_t finish_attempts = 0;            // finishes the plugin tried, late ones included
  std::size_t refused_emits = 0;              // emits answered WOULD_BLOCK or DEADLINE_EXCEEDED
  void (*notice)(void* user) = nullptr;
  void* notice_user = nullptr;
  bool is_notice_set = false;
  bool is_notice_running = false;
  std::thread::id notice_thread;
};

// Threads: any. Numbers are never given twice, so that a late use always finds a call that is over.
class FakeCalls {
 public:
  FakeCalls(FakeExecutor& executor, Signal& signal) : executor_(executor), signal_(signal) {}

  std::shared_ptr<PluginCall> Open(std::size_t event_capacity) {
    const std::lock_guard lock(mutex_);
    auto call = std::make_shared<PluginCall>();
    call->id = NextId();
    call->event_capacity = event_capacity;
    calls_.emplace(call->id, call);
    return call;
  }

  // A number that no call on the plugin has: for calls the plugin starts.
  tutti_call ReserveId() {
    const std::lock_guard lock(mutex_);
    return NextId();
  }

  // false: the call was over, or is cancelled already.
  bool Cancel(PluginCall& call) {
    const std::lock_guard lock(mutex_);
    if (call.is_over || call.is_cancelled) {
      return false;
    }
    call.is_cancelled = true;
    if (call.is_notice_set) {
      PostNotice(call.id);
    }
    Changed();
    return true;
  }

  // Ends the call on the host's side, as a deadline does. What the plugin still does with it answers NOT_FOUND.
  void Abandon(PluginCall& call) {
    std::unique_lock lock(mutex_);
    call.is_cancelled = true;
    call.is_over = true;
    EndNotice(call, lock);
    Changed();
  }

  template <typename Fn>
  auto Read(const PluginCall& call, Fn&& fn) {
    const std::lock_guard lock(mutex_);
    return fn(call);
  }

  // The events that arrived since the last look; makes room for more.
  std::vector<std::string> TakeEvents(PluginCall& call) {
    const std::lock_guard lock(mutex_);
    Changed();
    return std::exchange(call.unread_events, {});
  }

  std::vector<std::shared_ptr<PluginCall>> Running() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<PluginCall>> running;
    for (const auto& [id, call] : calls_) {
      if (!call->is_over) {
        running.push_back(call);
      }
    }
    return running;
  }

  // Forgets calls that are over. Late use still finds that they are.
  void DropHistory() {
    const std::lock_guard lock(mutex_);
    std::erase_if(calls_, [](const auto& entry) { return entry.second->is_over && !entry.second->is_notice_running; });
  }

  // The service, minus `cancel`, which is about calls of the other direction.

  tutti_code Emit(tutti_call id, std::string_view event) {
    const std::lock_guard lock(mutex_);
    const auto call = Find(id);
    if (!call || call->is_over) {
      return TUTTI_NOT_FOUND;
    }
    return Push(*call, event);
  }

  tutti_code EmitWait(tutti_call id, std::string_view event, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    std::unique_lock lock(mutex_);
    const auto call = Find(id);
    if (!call || call->is_over) {
      return TUTTI_NOT_FOUND;
    }
    const bool has_room = changed_.wait_until(lock, deadline, [&] {
      return call->is_over || call->is_cancelled || call->unread_events.size() < call->event_capacity;
    });
    if (call->is_over) {
      return TUTTI_NOT_FOUND;
    }
    if (call->is_cancelled) {
      return TUTTI_CANCELLED;
    }
    return has_room ? Push(*call, event) : (++call->refused_emits, TUTTI_DEADLINE_EXCEEDED);
  }

  tutti_code Finish(tutti_call id, const tutti_outcome& outcome) {
    std::unique_lock lock(mutex_);
    const auto call = Find(id);
    if (!call) {
      return TUTTI_NOT_FOUND;
    }
    ++call->finish_attempts;
    if (call->is_over) {
      return TUTTI_NOT_FOUND;
    }
    call->is_over = true;
    call->result = FromOutcome(outcome);
    EndNotice(*call, lock);
    Changed();
    return TUTTI_OK;
  }

  bool IsCancelled(tutti_call id) {
    const std::lock_guard lock(mutex_);
    const auto call = Find(id);
    return !call || call->is_over || call->is_cancelled;
  }

  // Cancelled by the host, and not over yet.
  bool IsEnding(tutti_call id) {
    const std::lock_guard lock(mutex_);
    const auto call = Find(id);
    return call && !call->is_over && call->is_cancelled;
  }

  tutti_code OnCancel(tutti_call id, void (*notice)(void* user), void* user) {
    const std::lock_guard lock(mutex_);
    const auto call = Find(id);
    if (!call || call->is_over) {
      return TUTTI_NOT_FOUND;
    }
    call->notice = notice;
    call->notice_user = user;
    call->is_notice_set = true;
    if (call->is_cancelled) {
      PostNotice(id);
    }
    return TUTTI_OK;
  }

  void Forget(tutti_call id) {
    std::unique_lock lock(mutex_);
    if (const auto call = Find(id)) {
      EndNotice(*call, lock);
    }
  }

 private:
  // REQUIRES for all below: mutex_ held.

  tutti_call NextId() { return (++last_id_ << 8U) | 1U; }

  std::shared_ptr<PluginCall> Find(tutti_call id) {
    const auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : found->second;
  }

  tutti_code Push(PluginCall& call, std::string_view event) {
    if (call.unread_events.size() >= call.event_capacity) {
      ++call.refused_emits;
      return TUTTI_WOULD_BLOCK;
    }
    call.unread_events.emplace_back(event);
    Changed();
    return TUTTI_OK;
  }

  void PostNotice(tutti_call id) {
    executor_.PostAlways([this, id] { RunNotice(id); });
  }

  void RunNotice(tutti_call id) {
    std::unique_lock lock(mutex_);
    const auto call = Find(id);
    if (!call || !call->is_notice_set) {
      return;
    }
    call->is_notice_set = false;
    call->is_notice_running = true;
    call->notice_thread = std::this_thread::get_id();
    lock.unlock();
    call->notice(call->notice_user);
    lock.lock();
    call->is_notice_running = false;
    Changed();
  }

  // Afterwards the notice neither runs nor is running, unless this is called from inside it.
  void EndNotice(PluginCall& call, std::unique_lock<std::mutex>& lock) {
    call.is_notice_set = false;
    if (call.is_notice_running && call.notice_thread != std::this_thread::get_id()) {
      changed_.wait(lock, [&] { return !call.is_notice_running; });
    }
  }

  void Changed() {
    changed_.notify_all();
    signal_.Notify();
  }

  FakeExecutor& executor_;
  Signal& signal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<tutti_call, std::shared_ptr<PluginCall>> calls_;  // guarded by mutex_
  std::uint64_t last_id_ = 0;                                // guarded by mutex_
};

}  // namespace tutti::testing
