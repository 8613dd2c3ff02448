// A new instance in the place of one that runs.
//
// The new one comes up beside the old one; the routing table is swapped; then the old one's gate closes and it drains.
// What cannot be active twice (storage, transports, `exclusive` plugins) is paused and drained first, and brought back
// when its successor does not start.
// Threads: control thread. Borrows the fleet, which outlives it and whatever it put off with LifecycleOptions::later.
#pragma once

#include "host/lifecycle/fleet.h"

namespace tutti::host {

class Replacement {
 public:
  explicit Replacement(Fleet& fleet) : fleet_(fleet) {}

  // `next` is created and inited; it is taken over, also on failure. Not ok: the one before goes on, unless the message
  // says otherwise.
  Status Replace(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next, const Drain& drain);

 private:
  Status ReplaceBeside(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next, const Drain& drain);
  Status ReplacePaused(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next, const Drain& drain);
  Status ReplaceTransport(PluginSlot& slot, const PluginEntry& entry, const InstancePtr& next, const Drain& drain);
  void ReplaceTransportLater(const PluginEntry& entry, const InstancePtr& next);
  Status DrainPaused(PluginInstance& old, const Drain& drain);

  Fleet& fleet_;
};

}  // namespace tutti::host
