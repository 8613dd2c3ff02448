// The plugins of one host with everything that acts on them: what starting, changing, replacing and showing them share.
//
// Threads: control thread. Borrows core, which outlives it.
#pragma once

#include <string>

#include "host/lifecycle/lifecycle_options.h"
#include "host/lifecycle/listeners.h"
#include "host/lifecycle/plugin_routes.h"
#include "host/lifecycle/plugin_slots.h"
#include "host/lifecycle/plugin_starter.h"
#include "host/lifecycle/retirement.h"
#include "host/lifecycle/table_schemas.h"
#include "host/manifest/manifest.h"
#include "host/services/core.h"

namespace tutti::host {

struct Fleet {
  Fleet(Core& with, Manifest from, LifecycleOptions how);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  void UpdateRoutes() { routes.Update(manifest.roles); }

  // The instance serves from here on; what the slot held is the caller's to retire.
  void Install(PluginSlot& slot, const PluginEntry& entry, InstancePtr instance);

  // Lets an instance that is out of the routes come to rest. Waits for it, except for a call that runs inside of it.
  void Retire(InstancePtr old, const Drain& drain);

  // The plugin does not run any more, and why.
  void Fail(PluginSlot& slot, std::string reason);

  // Sets the gauge `plugins` by state.
  void CountStates();

  Core& core;
  Manifest manifest;  // roles, host and installed; what runs is in slots
  const LifecycleOptions options;
  PluginSlots slots;
  TableSchemas schemas;
  PluginRoutes routes;
  Listeners listeners;
  Retirement retirement;
  PluginStarter starter;
};

}  // namespace tutti::host
