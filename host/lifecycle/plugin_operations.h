// What an operator asks for while the server runs: the operations of tutti/abi/admin.h.
//
// Each reads the manifest as it is now, plans (change_plan.h), carries the plan out (plugin_changes.h) and remembers
// what was switched. Threads: control thread. Borrows the fleet, which outlives it.
#pragma once

#include <optional>
#include <string>

#include "host/lifecycle/change_report.h"
#include "host/lifecycle/fleet.h"
#include "host/lifecycle/plugin_changes.h"

namespace tutti::host {

class PluginOperations {
 public:
  explicit PluginOperations(Fleet& fleet) : fleet_(fleet), changes_(fleet) {}

  // FAILED_PRECONDITION: nothing was changed, and why. NOT_FOUND: no such plugin is installed.
  Result<ChangeReport> Enable(const std::string& id, const Drain& drain);
  Result<ChangeReport> Disable(const std::string& id, const Drain& drain);
  Result<ChangeReport> Reload(const std::string& id, const Drain& drain);

  // The whole manifest. With problems in the report nothing was changed.
  ChangeReport Apply(const Drain& drain);

 private:
  [[nodiscard]] Result<LoadedManifest> LoadChecked(std::optional<Overlay> overlay) const;
  [[nodiscard]] Result<LoadedManifest> LoadSwitched(const std::string& id, bool enabled) const;
  Result<ChangeReport> ChangeOne(const std::string& id, const Manifest& next, const Drain& drain);
  [[nodiscard]] Result<Overlay> ReadOverlay() const;
  void Remember(const std::string& id, bool enabled, ChangeReport& report) const;

  Fleet& fleet_;
  PluginChanges changes_;
};

}  // namespace tutti::host
