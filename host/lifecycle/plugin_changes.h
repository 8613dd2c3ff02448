// Carries a plan out: everything it needs is made and checked first, so that a plan that cannot work changes nothing.
//
// Threads: control thread. Borrows the fleet, which outlives it.
#pragma once

#include <string>
#include <vector>

#include "host/lifecycle/change_plan.h"
#include "host/lifecycle/change_report.h"
#include "host/lifecycle/fleet.h"
#include "host/lifecycle/replacement.h"

namespace tutti::host {

class PluginChanges {
 public:
  explicit PluginChanges(Fleet& fleet) : fleet_(fleet), replacement_(fleet) {}

  // With problems in the report nothing was changed. `unchanged` is left to the caller.
  ChangeReport Run(const Manifest& next, const ChangePlan& plan, const Drain& drain);

  // Starts what failed because `id` was not running, and what waited for that.
  void StartWaiting(const std::string& id, ChangeReport& report);

 private:
  // A change with what it needs made ready.
  struct Prepared {
    const PluginChange* change;
    InstancePtr instance;  // created and inited; empty: to be disabled
  };

  std::vector<Prepared> Prepare(const ChangePlan& plan, std::vector<std::string>& problems);
  ChangeReport::Change RunOne(const Prepared& prepared, const Roles& wanted, const Roles& before, const Drain& drain);
  Status BringUp(const PluginEntry& entry, const InstancePtr& instance, const Drain& drain);
  void TakeDown(const std::string& id, const Drain& drain);
  void KeepRoles(const Roles& before);
  void TakeSettings(const Manifest& next);

  Fleet& fleet_;
  Replacement replacement_;
};

}  // namespace tutti::host
