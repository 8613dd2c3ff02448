#include "host/containment/watchdog.h"

#include <algorithm>
#include <utility>

#include "tutti/abi/log.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

using std::chrono::milliseconds;

}  // namespace

void Watchdog::OnOverdue(const CallNode& node, std::int64_t now_ms, Clock::time_point now) {
  for (const ThreadInside& thread : ThreadsInside()) {
    for (std::size_t level = 0; level < thread.frames.size(); ++level) {
      const PluginFrame& frame = thread.frames[level];
      if (frame.call != node.id || frame.plugin->id != node.owner) {
        continue;
      }
      const milliseconds left(node.deadline_ms + settings_.cancel_grace.count() - now_ms);
      {
        const std::lock_guard lock(mutex_);
        overdue_.push_back({thread.slot, level, frame.number, frame.plugin, Describe(frame), node.id,
                            now + std::max(left, milliseconds(0))});
      }
      LookAtOverdue(now);
      return;
    }
  }
  conduct_.Strike(node.owner, "overdue",
                  std::string(node.owner) + " had not finished call " + std::to_string(node.id) +
                      " when its deadline and grace were over, though no thread was busy with it",
                  now);
}

void Watchdog::Look(Clock::time_point now) {
  LookAtLost();
  LookAtOverdue(now);
  std::vector<const ThreadSlot*> inside;
  for (const ThreadInside& thread : ThreadsInside()) {
    inside.push_back(thread.slot);
    LookAtCallbacks(thread, now);
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(watched_, [&](const auto& entry) {
    return std::find(inside.begin(), inside.end(), entry.first) == inside.end();
  });
}

void Watchdog::LookAtLost() {
  const std::lock_guard lock(mutex_);
  std::erase_if(lost_, [](const auto& entry) {
    const auto& [slot, in] = entry;
    const bool is_back = !slot->IsInside(in.level, in.number);
    if (is_back) {
      slot->GiveUp(false);
    }
    return is_back;
  });
}

void Watchdog::LookAtOverdue(Clock::time_point now) {
  std::vector<Overdue> back;
  std::vector<Overdue> lost;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(overdue_, [&](const Overdue& overdue) {
      const bool is_back = !overdue.slot->IsInside(overdue.level, overdue.number);
      if (is_back || now >= overdue.lost_at) {
        (is_back ? back : lost).push_back(overdue);
        return true;
      }
      return false;
    });
  }
  for (const Overdue& overdue : back) {
    conduct_.Strike(overdue.plugin->id, "overdue",
                    overdue.plugin->id + " came back from " + overdue.operation + " (call " +
                        std::to_string(overdue.call) + ") only after the call's deadline",
                    now);
  }
  for (const Overdue& overdue : lost) {
    // The thread may meanwhile be deeper, in another plugin: then that is where it hangs.
    PluginFrame frames[ThreadSlot::kFrames];
    const std::size_t count = overdue.slot->Read(frames);
    const PluginFrame* innermost = count > overdue.level + 1 ? &frames[count - 1] : nullptr;
    const PluginTag& plugin = innermost == nullptr ? *overdue.plugin : *innermost->plugin;
    const std::string operation = innermost == nullptr ? overdue.operation : Describe(*innermost);
    Lose(overdue.slot, overdue.level, overdue.number, plugin, operation, overdue.call,
         plugin.id + " " + plugin.version + " did not come back from " + operation + ": the deadline of call " +
             std::to_string(overdue.call) + " passed at least " + std::to_string(settings_.cancel_grace.count()) +
             " ms ago, it was cancelled, and a thread is still inside");
  }
}

void Watchdog::LookAtCallbacks(const ThreadInside& thread, Clock::time_point now) {
  const PluginFrame& frame = thread.frames.back();
  const std::size_t level = thread.frames.size() - 1;
  {
    const std::lock_guard lock(mutex_);
    if (lost_.contains(thread.slot)) {
      return;
    }
    Watched& watched = watched_[thread.slot];
    if (watched.number != frame.number || watched.level != level) {
      watched = {frame.number, level, now, false};
      return;
    }
    if (frame.operation->bound == Bound::kCall && calls_.Find(frame.call) != nullptr) {
      watched.since = now;  // its deadline bounds it; what counts is the time after its end
    }
    if (watched.is_done || settings_.callback_limit.count() == 0 || now - watched.since < settings_.callback_limit) {
      return;
    }
    watched.is_done = true;
  }
  const std::string operation = Describe(frame);
  const std::string limit = std::to_string(settings_.callback_limit.count());
  if (frame.operation->bound == Bound::kLifeCycle) {
    log_(TUTTI_LOG_WARNING, "a plugin holds the control thread",
         JsonObject()("plugin", frame.plugin->id)("version", frame.plugin->version)("operation", operation)(
             "over_ms", settings_.callback_limit.count())
             .Take());
    return;
  }
  Lose(thread.slot, level, frame.number, *frame.plugin, operation, 0,
       frame.plugin->id + " " + frame.plugin->version + " did not come back from " + operation + " within " + limit +
           " ms (host.containment.callback_limit_ms)");
}

void Watchdog::Lose(const ThreadSlot* slot, std::size_t level, std::uint64_t number, const PluginTag& plugin,
                    const std::string& operation, tutti_call call, const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    lost_[slot] = {level, number};
  }
  slot->GiveUp(true);
  const Executor::Replacement replacement = executor_.Replace(*slot);
  const char* what = replacement == Executor::Replacement::kReplaced   ? "replaced"
                     : replacement == Executor::Replacement::kNoneLeft ? "not replaced: executor.lost_threads are lost"
                     : replacement == Executor::Replacement::kLost     ? "replaced before"
                                                                       : "not of the pool";
  log_(TUTTI_LOG_ERROR, "a thread is lost in a plugin",
       JsonObject()("plugin", plugin.id)("version", plugin.version)("operation", operation)("call", call)(
           "thread", slot->thread())("worker", what)("reason", reason)
           .Take());
  conduct_.Misused(plugin.id, "hang");
  faults_.Report(plugin.id, reason);
}

}  // namespace tutti::host
