// Every running call: who serves it, on whose behalf, how it is cancelled, and how it ends exactly once.
//
// A call is a node of a tree: what a plugin starts while it serves a call hangs below that call and is cancelled with
// it. Handles are numbers that are never used again, so a late use finds nothing.
// Threads: all functions from any thread. No lock is held while a plugin or a completion is called.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "host/calls/idempotency_mark.h"
#include "host/calls/plugin_gate.h"
#include "host/containment/plugin_tag.h"
#include "host/executor/executor.h"
#include "tutti/abi/core.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// On whose behalf a call is made. Immutable, shared by all calls below.
struct CallContext {
  std::string trace;
  std::string principal;            // empty: the local user
  std::vector<std::string> scopes;  // what the principal holds; "*" is everything
  std::uint32_t surface = TUTTI_SURFACE_INTERNAL;
  std::string run, agent, stream, labels;
  std::string tree;                              // of agent ids down to the run's, "/<root>/<agent>/"; empty: not known
  std::shared_ptr<IdempotencyMark> idempotency;  // of the request with a key that this is done for; mostly nullptr
  std::string approval;  // the approval by which a command that was kept runs now; empty: it is no such command
  bool may_ask = true;   // false: on behalf of an approval, or of a run that is over; nobody is asked then
};

using ContextPtr = std::shared_ptr<const CallContext>;

class CallTable;

class CallNode : public std::enable_shared_from_this<CallNode> {
 public:
  using Completion = std::function<void(Result<std::string>)>;
  using EventSink = std::function<void(std::string)>;

  tutti_call id = 0;
  std::uint32_t depth = 0;
  std::atomic<std::int64_t> deadline_ms{0};  // Unix time; 0 = none, until that of a call above passes
  std::string_view owner;                    // plugin that serves it; empty: the host. Lives as long as the process
  std::string_view starter;                  // plugin that asked for it; empty: a client or the host
  const PluginTag* tag = nullptr;            // of the owner, for attribution; nullptr: the host, or unknown
  const PluginGate* gate = nullptr;          // it entered through; only compared
  ContextPtr context;
  std::shared_ptr<CallNode> parent;

 private:
  friend class CallTable;

  std::mutex mutex_;
  std::condition_variable notice_done_;
  std::vector<std::weak_ptr<CallNode>> children_;  // guarded by mutex_
  bool is_finished_ = false;                       // guarded by mutex_
  std::atomic<bool> is_cancelled_{false};
  std::int64_t grace_ms_ = 0;
  bool deadline_passed_ = false;     // guarded by mutex_
  void (*notice_)(void*) = nullptr;  // guarded by mutex_
  void* notice_user_ = nullptr;      // guarded by mutex_
  bool notice_running_ = false;      // guarded by mutex_
  bool notice_sent_ = false;         // guarded by mutex_
  bool is_kept_ = false;             // guarded by mutex_; finished, but findable until the notice has returned
  std::thread::id notice_thread_;    // guarded by mutex_
  std::deque<std::string> events_;   // guarded by mutex_
  bool is_draining_ = false;         // guarded by mutex_
  std::condition_variable events_room_;
  std::function<void()> on_room_;  // guarded by mutex_
  EventSink on_event_;
  Completion completion_;      // taken by whoever finishes
  PluginGate::Ticket ticket_;  // released when finished
};

using NodePtr = std::shared_ptr<CallNode>;

class CallTable {
 public:
  struct Settings {
    std::size_t max_running = 10000;
    std::uint32_t max_depth = 16;
    std::size_t events_queue = 1024;               // events waiting per call
    std::chrono::milliseconds cancel_grace{5000};  // after a deadline, before the host finishes for the plugin
    std::function<void(const CallNode& node)>
        on_overdue;  // a call the host had to finish for its owner; runs on the sweeping thread
  };

  CallTable(Executor& executor, Settings settings) : executor_(executor), settings_(std::move(settings)) {}

  struct Spec {
    tutti_call id = 0;  // 0: the next number. A plugin's own process uses the numbers its host has given
    std::string_view owner;
    std::string_view starter;
    const PluginTag* tag = nullptr;
    ContextPtr context;
    NodePtr parent;
    std::int64_t deadline_ms = 0;
    std::int64_t grace_ms = -1;  // after the deadline, before the host finishes for the plugin; -1: the setting's
    PluginGate::Ticket ticket;
    CallNode::EventSink on_event;     // may be empty
    CallNode::Completion completion;  // runs once, on the thread that finishes
  };

  // RESOURCE_EXHAUSTED beyond max_running, FAILED_PRECONDITION beyond max_depth, ALREADY_EXISTS for an id that is
  // running: then `completion` does not run.
  // A call below a cancelled one begins cancelled.
  Result<NodePtr> Begin(Spec spec);

  // nullptr: over, or never was.
  [[nodiscard]] NodePtr Find(tutti_call id) const;

  // Ends the call if `owner` serves it. The first wins; false for any other. Either way a notice of cancellation is not
  // running any more.
  bool Finish(tutti_call id, std::string_view owner, Result<std::string> result);
  bool Finish(const NodePtr& node, Result<std::string> result);

  // Cancels the call and all below. It ends when its owner finishes it.
  void Cancel(const NodePtr& node);

  [[nodiscard]] static bool cancelled(const CallNode& node) { return node.is_cancelled_.load(); }

  // See tutti/abi/calls.h.
  tutti_code Emit(tutti_call id, std::string_view owner, std::string event);
  tutti_code EmitWait(tutti_call id, std::string_view owner, std::string event, std::chrono::milliseconds timeout);
  tutti_code OnCancel(tutti_call id, std::string_view owner, void (*fn)(void*), void* user);
  void Forget(tutti_call id, std::string_view owner);

  // After Emit answered WOULD_BLOCK: runs `fn` once, on a worker, when there is room for an event; at once when there
  // is now, and never when the call ends first. One at a time per call. false: the call is over.
  bool OnRoom(tutti_call id, std::string_view owner, std::function<void()> fn);

  // Cancels what is past its deadline, and ends with DEADLINE_EXCEEDED what did not stop within the grace. To be called
  // a few times per second.
  void Sweep(std::int64_t now_ms);

  // Cancels every call, because the host stops. What is begun from here on is up to the caller: see is_stopping.
  void CancelAll();

  // CancelAll was called: what would be new work, and not the end of former work, begins cancelled.
  [[nodiscard]] bool is_stopping() const { return is_stopping_.load(); }

  // Cancels every call that this plugin serves or has started.
  void CancelOf(std::string_view plugin);

  // Cancels every call that entered through this gate: those of one instance of a plugin.
  void CancelInside(const PluginGate& gate);

  // Ends them in the plugin's stead. The number of calls that were ended.
  std::size_t FinishInside(const PluginGate& gate, const Status& status);

  // Whether this call, or one it is made for, entered through the gate.
  [[nodiscard]] static bool IsBelow(const CallNode& node, const PluginGate& gate);

  // Whether a call ever had this handle.
  [[nodiscard]] bool WasBegun(tutti_call id) const { return id != 0 && id < next_id_.load(); }

  [[nodiscard]] std::size_t running() const { return running_.load(); }

 private:
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<tutti_call, NodePtr> nodes;
  };

  Shard& ShardOf(tutti_call id) const { return shards_[id % shards_.size()]; }

  std::vector<NodePtr> All() const;
  std::vector<NodePtr> Inside(const PluginGate& gate) const;
  // What the end of a call does about a notice that is running.
  enum class Notice { kAwait, kLeave };

  bool End(const NodePtr& node, Result<std::string> result, Notice notice);
  void Erase(const CallNode& node);
  // What runs on behalf of a call whose deadline has passed, and has none of its own, has that one.
  static void GiveDeadline(CallNode& parent, std::int64_t deadline_ms);
  void RunNotice(const NodePtr& node);
  static void AwaitNotice(CallNode& node, std::unique_lock<std::mutex>& lock);
  void Drain(const NodePtr& node);

  Executor& executor_;
  const Settings settings_;
  std::atomic<tutti_call> next_id_{1};
  std::atomic<std::size_t> running_{0};
  std::atomic<bool> is_stopping_{false};
  mutable std::array<Shard, 16> shards_;
};

}  // namespace tutti::host
