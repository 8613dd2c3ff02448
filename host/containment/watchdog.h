// Finds threads that a plugin does not give back, gives the pool others in their place, and has the plugin taken out.
//
// Two kinds of time are watched. A call that the host had to finish: is a thread still inside the plugin for it, it is
// lost once the cancel grace after the deadline is over; is none, the plugin merely forgot to finish, which is a
// strike. And a function that belongs to no call (events, timers, continuations), or whose call is over: its thread is
// lost after `callback_limit`.
//
// Threads: any; in the server all of it runs on the sweeper's, which is not of the pool.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/calls/call_table.h"
#include "host/containment/in_plugin.h"
#include "host/containment/plugin_conduct.h"
#include "host/executor/executor.h"
#include "host/registry/plugin_faults.h"

namespace tutti::host {

class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    std::chrono::milliseconds callback_limit{30000};  // 0: none
    std::chrono::milliseconds cancel_grace{5000};     // after a call's deadline
  };

  // `log` takes a level of abi/log.h, a constant message, and fields.
  using Log = std::function<void(std::int32_t level, std::string_view message, std::string fields)>;

  Watchdog(Executor& executor, const CallTable& calls, const PluginFaults& faults, PluginConduct& conduct,
           Settings settings, Log log)
      : executor_(executor),
        calls_(calls),
        faults_(faults),
        conduct_(conduct),
        settings_(settings),
        log_(std::move(log)) {}

  // A call the host had to finish for its owner; for CallTable::Settings::on_overdue.
  void OnOverdue(const CallNode& node, std::int64_t now_ms, Clock::time_point now = Clock::now());

  // Looks at every thread. To be called a few times per second.
  void Look(Clock::time_point now = Clock::now());

 private:
  // An entry that is watched: it is the same as long as its number is.
  struct Watched {
    std::uint64_t number = 0;
    std::size_t level = 0;
    Clock::time_point since;
    bool is_done = false;  // reported, or of a kind that is not
  };

  // A call that was finished for its owner while a thread was inside for it.
  struct Overdue {
    const ThreadSlot* slot;
    std::size_t level;
    std::uint64_t number;
    const PluginTag* plugin;
    std::string operation;
    tutti_call call;
    Clock::time_point lost_at;
  };

  void LookAtLost();
  void LookAtOverdue(Clock::time_point now);
  void LookAtCallbacks(const ThreadInside& thread, Clock::time_point now);
  void Lose(const ThreadSlot* slot, std::size_t level, std::uint64_t number, const PluginTag& plugin,
            const std::string& operation, tutti_call call, const std::string& reason);

  Executor& executor_;
  const CallTable& calls_;
  const PluginFaults& faults_;
  PluginConduct& conduct_;
  const Settings settings_;
  const Log log_;
  std::mutex mutex_;

  // Lost threads, by the entry they are lost in.
  struct LostIn {
    std::size_t level;
    std::uint64_t number;
  };

  std::map<const ThreadSlot*, LostIn> lost_;      // guarded by mutex_
  std::vector<Overdue> overdue_;                  // guarded by mutex_
  std::map<const ThreadSlot*, Watched> watched_;  // guarded by mutex_; the innermost entry of each thread
};

}  // namespace tutti::host
