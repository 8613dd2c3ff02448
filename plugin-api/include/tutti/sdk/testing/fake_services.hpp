// FakeServices: the calls a plugin starts through its host (store, commands, models, runtimes, templates, hooks),
// answered by what a test programs.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/abi/core.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/testing/fake_calls.hpp"

namespace tutti::testing {

// What the plugin asked for.
struct FakeRequest {
  // "store" | "commands" | "models" | "runtimes" | "tools" | "templates" | "hooks" | "admin" | "house"
  std::string service;
  std::string name;           // commands: the command or tool; templates: "list" or "get"
  std::string body;           // JSON: batch, arguments, model or run request, entries, operation; or a template's name
  std::uint32_t surface = 0;  // commands: TUTTI_SURFACE_*
  std::string tool_use_id;    // commands; tools: of the call to be stopped, whose run is the `body`
  std::string allowed_tools;  // commands
  tutti_call parent = 0;
  std::string ops{};        // hooks: the storage operations that go along, a JSON array or empty
  std::string behalf = {};  // commands
};

// The answering end of one started call. Copies are one call; the first Finish wins. Delivered to the plugin in order,
// one at a time, on worker threads. A call that was not finished when its FakeHost goes ends with CANCELLED.
class FakeReply {
 public:
  void Emit(std::string event) const { post_(Delivery{std::move(event), nullptr}); }

  // false: the call had ended already.
  bool Finish(Result<std::string> result) const {
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->is_over) {
        return false;
      }
      state_->is_over = true;
    }
    post_(Delivery{{}, std::make_shared<const Result<std::string>>(std::move(result))});
    return true;
  }

  [[nodiscard]] bool cancelled() const {
    const std::lock_guard lock(state_->mutex);
    return state_->is_cancelled;
  }

  // Without it a cancelled call ends with CANCELLED at once; with it, when `fn` calls Finish. Runs once, on a worker
  // thread, or right here when the call is cancelled already.
  void OnCancel(std::function<void()> fn) const {
    {
      const std::lock_guard lock(state_->mutex);
      if (!state_->is_cancelled) {
        state_->on_cancel = std::move(fn);
        return;
      }
    }
    fn();
  }

  [[nodiscard]] tutti_call id() const { return state_->id; }

 private:
  friend class FakeServices;

  struct Delivery {
    std::string event;
    std::shared_ptr<const Result<std::string>> result;  // set: this is the end
  };

  struct State {
    std::mutex mutex;
    tutti_call id = 0;
    tutti_call parent = 0;
    tutti_reply reply{};
    bool cancels_with_parent = false;
    bool is_over = false;             // guarded by mutex
    bool is_cancelled = false;        // guarded by mutex
    bool is_delivering = false;       // guarded by mutex
    std::function<void()> on_cancel;  // guarded by mutex
    std::deque<Delivery> deliveries;  // guarded by mutex
  };

  FakeReply(std::shared_ptr<State> state, std::function<void(Delivery)> post)
      : state_(std::move(state)), post_(std::move(post)) {}

  std::shared_ptr<State> state_;
  std::function<void(Delivery)> post_;
};

// Threads: any. Responders run on worker threads, never on the stack of the plugin's call.
class FakeServices {
 public:
  using Responder = std::function<void(const FakeRequest& request, FakeReply reply)>;

  FakeServices(FakeCalls& calls, FakeExecutor& executor, Signal& signal)
      : calls_(calls), executor_(executor), signal_(signal) {}

  void SetResponder(const std::string& service, Responder responder) {
    const std::lock_guard lock(mutex_);
    responders_[service] = std::move(responder);
  }

  // Every request so far, in the order they were made; of one service when named.
  [[nodiscard]] std::vector<FakeRequest> Requests(std::string_view service = {}) {
    const std::lock_guard lock(mutex_);
    std::vector<FakeRequest> found;
    for (const FakeRequest& request : requests_) {
      if (service.empty() || request.service == service) {
        found.push_back(request);
      }
    }
    return found;
  }

  void DropHistory() {
    const std::lock_guard lock(mutex_);
    requests_.clear();
    requests_.shrink_to_fit();
  }

  // Starts a call for the plugin. *started, when given, is set before the reply can run.
  void Start(FakeRequest request, const tutti_reply& reply, bool cancels_with_parent, tutti_call* started) {
    auto state = std::make_shared<FakeReply::State>();
    state->id = calls_.ReserveId();
    state->parent = request.parent;
    state->reply = reply;
    state->cancels_with_parent = cancels_with_parent;
    if (started != nullptr) {
      *started = state->id;
    }
    {
      const std::lock_guard lock(mutex_);
      started_.emplace(state->id, state);
      requests_.push_back(request);
    }
    signal_.Notify();
    executor_.PostAlways([this, state, request = std::move(request)] { Respond(request, ReplyTo(state)); });
    if (cancels_with_parent && calls_.IsEnding(state->parent)) {
      Cancel(state->id);
    }
  }

  // What the plugin's calls->cancel does.
  tutti_code Cancel(tutti_call id) {
    std::shared_ptr<FakeReply::State> state;
    {
      const std::lock_guard lock(mutex_);
      const auto found = started_.find(id);
      if (found == started_.end()) {
        return TUTTI_NOT_FOUND;
      }
      state = found->second;
    }
    std::function<void()> on_cancel;
    {
      const std::lock_guard lock(state->mutex);
      if (state->is_over) {
        return TUTTI_NOT_FOUND;
      }
      if (std::exchange(state->is_cancelled, true)) {
        return TUTTI_OK;
      }
      on_cancel = std::exchange(state->on_cancel, nullptr);
    }
    if (on_cancel) {
      executor_.PostAlways(std::move(on_cancel));
    } else {
      ReplyTo(state).Finish(Status::Cancelled("the call was cancelled"));
    }
    return TUTTI_OK;
  }

  // Whether that call of the plugin was cancelled; nullopt when none of that id is under way.
  [[nodiscard]] std::optional<bool> IsCancelled(tutti_call id) {
    std::shared_ptr<FakeReply::State> state;
    {
      const std::lock_guard lock(mutex_);
      const auto found = started_.find(id);
      if (found == started_.end()) {
        return std::nullopt;
      }
      state = found->second;
    }
    const std::lock_guard lock(state->mutex);
    return state->is_cancelled;
  }

  void CancelChildrenOf(tutti_call parent) {
    for (const auto& state : Started()) {
      if (state->cancels_with_parent && state->parent == parent) {
        Cancel(state->id);
      }
    }
  }

  // Ends everything still open with CANCELLED, whatever its responder says: so that nothing that waits is leaked.
  void CancelAll() {
    for (const auto& state : Started()) {
      ReplyTo(state).Finish(Status::Cancelled("the fake host is going away"));
    }
  }

  [[nodiscard]] bool IsIdle() {
    const std::lock_guard lock(mutex_);
    return started_.empty();
  }

 private:
  std::vector<std::shared_ptr<FakeReply::State>> Started() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<FakeReply::State>> all;
    for (const auto& [id, state] : started_) {
      all.push_back(state);
    }
    return all;
  }

  void Respond(const FakeRequest& request, const FakeReply& reply) {
    Responder responder;
    {
      const std::lock_guard lock(mutex_);
      const auto found = responders_.find(request.service);
      if (found != responders_.end()) {
        responder = found->second;
      }
    }
    if (responder) {
      responder(request, reply);
    } else {
      reply.Finish(Status::Unimplemented("this FakeHost has no responder for its " + request.service +
                                         " service; program one before the plugin calls it"));
    }
  }

  FakeReply ReplyTo(const std::shared_ptr<FakeReply::State>& state) {
    return FakeReply(state, [this, state](FakeReply::Delivery delivery) {
      {
        const std::lock_guard lock(state->mutex);
        if (state->is_over && delivery.result == nullptr) {
          return;
        }
        state->deliveries.push_back(std::move(delivery));
        if (std::exchange(state->is_delivering, true)) {
          return;
        }
      }
      executor_.PostAlways([this, state] { Deliver(*state); });
    });
  }

  void Deliver(FakeReply::State& state) {
    std::unique_lock lock(state.mutex);
    while (!state.deliveries.empty()) {
      const FakeReply::Delivery delivery = std::move(state.deliveries.front());
      state.deliveries.pop_front();
      lock.unlock();
      if (delivery.result == nullptr) {
        if (state.reply.on_event != nullptr) {
          state.reply.on_event(state.reply.user, Str(delivery.event));
        }
      } else {
        WithOutcome(*delivery.result,
                    [&](const tutti_outcome& outcome) { state.reply.on_finish(state.reply.user, &outcome); });
        Remove(state.id);
        return;
      }
      lock.lock();
    }
    state.is_delivering = false;
  }

  void Remove(tutti_call id) {
    {
      const std::lock_guard lock(mutex_);
      started_.erase(id);
    }
    signal_.Notify();
  }

  FakeCalls& calls_;
  FakeExecutor& executor_;
  Signal& signal_;
  std::mutex mutex_;
  std::map<std::string, Responder> responders_;                      // guarded by mutex_
  std::vector<FakeRequest> requests_;                                // guarded by mutex_
  std::map<tutti_call, std::shared_ptr<FakeReply::State>> started_;  // guarded by mutex_
};

}  // namespace tutti::testing
