// From an entry of the manifest to an active instance, and away with what does not get there.
//
// Threads: control thread. Borrows everything it is made with, which outlives it.
#pragma once

#include <string>

#include "host/lifecycle/lifecycle_options.h"
#include "host/lifecycle/plugin_slots.h"
#include "host/lifecycle/retirement.h"
#include "host/lifecycle/table_schemas.h"

namespace tutti::host {

class PluginStarter {
 public:
  PluginStarter(Core& core, const LifecycleOptions& options, const PluginSlots& slots, TableSchemas& schemas,
                Retirement& retirement)
      : core_(core), options_(options), slots_(slots), schemas_(schemas), retirement_(retirement) {}

  // Created and inited.
  Result<InstancePtr> Make(const PluginEntry& entry);

  // FAILED_PRECONDITION: something it needs does not run; its id in `waits_for`, which may be null.
  Status CheckDependencies(const PluginEntry& entry, std::string* waits_for) const;

  // Its tables, then its activation.
  Status Bring(const PluginEntry& entry, const InstancePtr& instance);

  // The instance did not make it; what it began until then is cancelled.
  void Discard(InstancePtr instance);

  // The same, and waits until it has come to rest.
  void DiscardAndAwait(InstancePtr instance);

 private:
  Core& core_;
  const LifecycleOptions& options_;
  const PluginSlots& slots_;
  TableSchemas& schemas_;
  Retirement& retirement_;
};

}  // namespace tutti::host
