// One asynchronous call into a plugin, as something a host coroutine can await.
//
// The plugin may answer before the function returns: then the coroutine simply goes on. Otherwise it goes on on a
// worker, also while the plugin's function has not returned: an answer from another thread, or the host's own when the
// call is overdue, does not wait for a thread that hangs. What the function was given lives until it returns.
#pragma once

#include <atomic>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "host/calls/call_table.h"
#include "host/registry/plugin_instance.h"

namespace tutti::host {

struct PluginCallSpec {
  PluginInstance* plugin = nullptr;
  ContextPtr context;
  NodePtr parent;  // hangs below it, and is cancelled with it
  std::string_view starter;
  std::int64_t deadline_ms = 0;
  std::int64_t grace_ms = -1;  // as in CallTable::Spec
  const PluginOperation* operation = &operation::kInvoke;
  std::string detail;      // for attribution: which command, which point
  bool on_worker = false;  // run `enter` on a worker: the plugin may block there
  CallNode::EventSink on_event;
  // Calls the plugin's function. Owns everything it passes: a plugin that does not come back may outlive the coroutine.
  std::function<void(void* self, const tutti_call_info& info)> enter;
  // Runs on the thread that finishes, before anything waits or goes on. May be empty.
  std::function<void(const Result<std::string>&)> on_finished;
};

class PluginCall {
 public:
  PluginCall(Executor& executor, CallTable& calls, PluginCallSpec spec)
      : executor_(executor), calls_(calls), spec_(std::move(spec)) {}

  bool await_ready() const noexcept { return false; }

  bool await_suspend(std::coroutine_handle<> waiter);

  Result<std::string> await_resume() { return std::move(*result_); }

  // After it was awaited: the plugin's gate was closed, and nothing else has happened. TakeSpec gives back what the
  // call was made of, for another try.
  [[nodiscard]] bool is_refused() const { return is_refused_; }

  [[nodiscard]] PluginCallSpec TakeSpec() { return std::move(spec_); }

 private:
  enum State : int {
    kStarting,  // the plugin's function has not returned
    kWaiting,   // it has, without an answer
    kAnswered,  // it answered on its own thread: that thread goes on with the coroutine
    kLeft,      // another thread answered, and goes on with the coroutine
  };

  // What the thread that calls the plugin needs; lives as long as that takes.
  struct Entry {
    std::function<void(void* self, const tutti_call_info& info)> enter;
    std::string detail;
    const PluginOperation* operation;
    const PluginTag* tag;
    PluginConduct* conduct;
    void* self;
    CallTable* calls;
    NodePtr node;
    std::atomic<std::thread::id> thread{};  // which calls the plugin
    std::atomic<int> state{kStarting};
  };

  // Ends the call when the plugin's function throws.
  static void Enter(Entry& entry);
  // Whether the coroutine stays suspended, once the plugin's function has returned. false: the caller goes on with it.
  static bool Suspend(Entry& entry);
  void Finished(Result<std::string> result);

  Executor& executor_;
  CallTable& calls_;
  PluginCallSpec spec_;
  std::coroutine_handle<> waiter_;
  std::shared_ptr<Entry> entry_;
  std::optional<Result<std::string>> result_;
  bool is_refused_ = false;
};

// Unix time in milliseconds.
std::int64_t NowMillis();

}  // namespace tutti::host
