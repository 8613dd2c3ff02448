// What happens at a hook point: gates in order, then recorders into one batch, then observers.
//
// Threads: any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/calls/call_table.h"
#include "host/dispatch/approver.h"
#include "host/dispatch/changeover.h"
#include "host/dispatch/routes.h"
#include "host/dispatch/store.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

struct HookEntry {
  std::string point;
  std::string payload;       // JSON object; patched in place by gates
  std::string confirm = {};  // a question for a person once the gates let it pass; empty: none
  std::string command = {};  // {"name", "args"}: kept and run later when a person is asked; empty: the caller waits
};

class HookPipeline {
 public:
  struct Settings {
    std::chrono::milliseconds timeout{5000};             // per hook and point
    std::chrono::milliseconds storage_patience{600000};  // a run's step waits this long for a database that is away
    std::size_t observer_queue = 4096;                   // entries waiting per observer; more are dropped and counted
  };

  // `report` takes a constant message and fields, for faults of hooks.
  using Report = std::function<void(std::string_view message, std::string fields)>;

  HookPipeline(Executor& executor, CallTable& calls, Routes& routes, Store& store, Settings settings, Report report)
      : executor_(executor),
        calls_(calls),
        routes_(routes),
        changeover_(executor, routes),
        approver_(executor, calls, routes),
        store_(store),
        settings_(settings),
        report_(std::move(report)) {}

  // Whether anybody takes part at this point; false lets a caller skip making the payload.
  [[nodiscard]] static bool HasPoint(const RoutingTable& table, std::string_view point) {
    return table.FindPoint(point) != nullptr;
  }

  // Runs the entries as one step of what `parent` is doing. PERMISSION_DENIED: a gate or a person said no, nothing was
  // stored; the message is the reason. Where a gate asks, the step waits for the answer, or, for an entry with a
  // `command`, ends with FAILED_PRECONDITION (see PendingApproval). Any other failure: the step's batch could not be
  // stored. `parent` may be nullptr. `starter` is the plugin that does it, whose own hooks are left out. `entries` must
  // outlive the task; payloads come back patched. `ops`, a JSON array or empty, are storage operations of the starter:
  // first in the step's batch, under its rights.
  Task<Status> Fire(std::vector<HookEntry>& entries, ContextPtr context, NodePtr parent, std::string_view starter,
                    std::string ops = {});

  // The running index that the run's next entry has; for a run that goes on after it was cut off.
  void BeginRun(const std::string& run, std::uint32_t next_index);

  // Forgets the running index of a run that has ended.
  void EndRun(const std::string& run);

  // Entries that observers could not take.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(); }

 private:
  struct Observed {
    std::string point, payload, run, agent, stream;
    std::uint32_t index = 0;
    std::int64_t time_us = 0;
  };

  struct ObserverQueue {
    std::deque<Observed> waiting;
    bool is_running = false;
  };

  // `hook` is one of the table's. A hook that was switched off on the way answers nothing, as if it had not been there;
  // one that was replaced answers in its new version.
  Task<Result<std::string>> CallHook(RoutingTablePtr table, HookRoute hook, const HookEntry& entry, std::uint32_t mode,
                                     std::uint32_t index, std::int64_t time_us, ContextPtr context, NodePtr parent);
  Task<Result<std::string>> CallOnce(PluginInstance* plugin, const HookEntry& entry, const tutti_point& point,
                                     ContextPtr context, NodePtr parent, bool& is_refused);
  Task<Status> RunGates(RoutingTablePtr table, HookEntry& entry, std::uint32_t index, std::int64_t time_us,
                        ContextPtr context, NodePtr parent, std::string_view starter);
  Task<Status> RunGate(const HookRoute& hook, const std::string& reply, HookEntry& entry, ContextPtr context,
                       NodePtr parent);
  // Commits a step's parts. While the database is away the step of a run waits, unless the run is cancelled.
  Task<Status> StoreStep(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent);
  std::uint32_t NextIndex(const std::string& run);
  void Observe(const HookPoint& point, const HookEntry& entry, std::uint32_t index, std::int64_t time_us,
               const CallContext& context, std::string_view starter);
  // `plugin` is an id that lives as long as the process: a queue outlives the instance it began with.
  void RunObserver(std::string_view plugin);
  void Deliver(PluginInstance& plugin, const std::vector<Observed>& batch);

  Executor& executor_;
  CallTable& calls_;
  Routes& routes_;
  const Changeover changeover_;
  Approver approver_;
  Store& store_;
  const Settings settings_;
  const Report report_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> indexes_;  // guarded by mutex_; by run
  std::map<std::string_view, ObserverQueue> observers_;     // guarded by mutex_; by plugin id
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace tutti::host
