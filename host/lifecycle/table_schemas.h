// Has a storage plugin make the tables that the host and the plugins declare.
//
// Threads: control thread, which waits for the storage, up to two minutes a schema. Borrows core, which outlives it.
#pragma once

#include <string>

#include "host/lifecycle/plugin_slots.h"
#include "host/services/core.h"

namespace tutti::host {

class TableSchemas {
 public:
  explicit TableSchemas(Core& core) : core_(core) {}

  // Of one plugin, as its manifest declares them.
  Status Ensure(PluginInstance& storage, std::string schema);

  // The host's own.
  Status EnsureHost(PluginInstance& storage);

  // The host's and those of everything that is active: for a storage that others use already.
  Status EnsureAll(PluginInstance& storage, const PluginSlots& slots);

 private:
  Core& core_;
};

}  // namespace tutti::host
