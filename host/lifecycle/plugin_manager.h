// All plugins of one host through their life: started together, then switched, replaced and taken out one by one while
// the host serves.
//
// At the start: create and init all, then schema and activation one after another, listen last; the reverse at the
// stop. A plugin that fails is reported and left out, with what depends on it, unless it is required: then the start
// fails. What happens in between is plugin_operations.h.
// Threads: control thread.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "host/lifecycle/change_report.h"
#include "host/lifecycle/fleet.h"
#include "host/lifecycle/plugin_operations.h"
#include "host/lifecycle/plugin_view.h"

namespace tutti::host {

class PluginManager {
 public:
  using Options = LifecycleOptions;

  PluginManager(Core& core, Manifest manifest, Options options)
      : fleet_(core, std::move(manifest), std::move(options)), operations_(fleet_) {}

  ~PluginManager();
  PluginManager(const PluginManager&) = delete;
  PluginManager& operator=(const PluginManager&) = delete;

  // Everything but listening.
  Status Start();

  // Starts the transports; the addresses they are bound to.
  Result<std::vector<std::string>> Listen();

  // Transports stop accepting.
  void Pause();

  // Deactivates all, in reverse order, each within what is left until `deadline`. false: some would not drain.
  bool Stop(std::chrono::steady_clock::time_point deadline);

  // Ids of what could not be started, with the reason.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> failed() const;

  Result<ChangeReport> Enable(const std::string& id, const Drain& drain) { return operations_.Enable(id, drain); }

  Result<ChangeReport> Disable(const std::string& id, const Drain& drain) { return operations_.Disable(id, drain); }

  Result<ChangeReport> Reload(const std::string& id, const Drain& drain) { return operations_.Reload(id, drain); }

  ChangeReport Apply(const Drain& drain) { return operations_.Apply(drain); }

  [[nodiscard]] std::vector<PluginView> List() const { return ViewAll(fleet_); }

  [[nodiscard]] Result<PluginView> Info(const std::string& id) const { return ViewOne(fleet_, id); }

  // Out of the routes at once, until somebody enables it.
  void Quarantine(const std::string& id, const std::string& reason);

  // Moves on what drains. true: again soon.
  bool Tick();

 private:
  Status StartOne(PluginSlot& slot);
  Status FailStart(PluginSlot& slot, const Status& reason);

  Fleet fleet_;
  PluginOperations operations_;
};

}  // namespace tutti::host
