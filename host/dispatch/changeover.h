// What a call does that found its plugin switched off between the look at the routes and the entry: it looks again.
//
// A plugin is replaced by swapping the routing table first and closing the old instance's gate after. So a closed gate
// means that the current table says who serves now, or that nobody does; or the plugin is paused for a moment, and then
// the call waits.
// Threads: any.
#pragma once

#include <chrono>

#include "host/dispatch/routes.h"
#include "host/executor/executor.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

class Changeover {
 public:
  // A call waits at most this long for a paused plugin.
  static constexpr std::chrono::milliseconds kPatience{60000};

  Changeover(Executor& executor, Routes& routes, std::chrono::milliseconds patience = kPatience)
      : executor_(executor), routes_(routes), patience_(patience) {}

  // `seen` is the table that named `plugin`, whose gate was closed. The table to look at again: a newer one, or the
  // same when the gate is open again. nullptr: the plugin is off and stays in the table (quarantined), the host stops,
  // or the wait was too long.
  Task<RoutingTablePtr> Next(RoutingTablePtr seen, PluginInstance* plugin) const;

  [[nodiscard]] Routes& routes() const { return routes_; }

 private:
  Executor& executor_;
  Routes& routes_;
  const std::chrono::milliseconds patience_;
};

}  // namespace tutti::host
