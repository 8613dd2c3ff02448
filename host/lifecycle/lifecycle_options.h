// What the life of the plugins needs from whoever runs the host.
//
// Plain values. Threads: the functions are called on the control thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/calls/call_table.h"
#include "host/manifest/manifest.h"
#include "host/registry/plugin_instance.h"

namespace tutti::host {

// What whoever runs a plugin elsewhere than in this process knows of it.
struct PluginLife {
  std::string state;  // empty: the manager's own; else such as "restarting"
  std::string reason;
  std::string confinement;
  std::uint64_t restarts = 0;
};

struct LifecycleOptions {
  PluginSettings settings;
  // Makes the plugin object of a new instance: from its library, or elsewhere.
  std::function<Status(PluginInstance&)> create;
  // The manifest as it is now; with an overlay instead of the file's. Holds for whatever the command line overrides.
  std::function<LoadedManifest(std::optional<Overlay>)> load;
  std::function<PluginLife(const PluginInstance&)> life;              // may be empty
  std::function<void(const std::vector<std::string>&)> on_addresses;  // transports listen elsewhere; may be empty
  std::function<bool()> is_interrupted = [] { return false; };        // a stop was asked for
  std::function<void(std::function<void()>)> later;                   // runs it after this operation
  LifeThread* life_thread = nullptr;                                  // of plugins in this process; see PluginInstance
};

// How an instance that is switched off ends.
struct Drain {
  bool cancel = false;                             // its calls; else they may finish
  std::optional<std::chrono::milliseconds> limit;  // absent: the setting's
  NodePtr caller;                                  // on whose behalf; empty: the operator at the machine
};

}  // namespace tutti::host
