// Which plugins an operation changes, and who has which role then.
//
// Reads the libraries of the manifest to see whether they are others; changes nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "host/lifecycle/manifest_diff.h"
#include "host/lifecycle/plugin_slots.h"
#include "host/manifest/manifest.h"

namespace tutti::host {

// Points into the manifest it was made from.
struct ChangePlan {
  std::vector<PluginChange> changes;
  Roles roles;
  std::size_t unchanged = 0;  // plugins; of a plan for all

  // Everything that differs. What is in quarantine waits for somebody to enable it, unless it has changed since.
  static ChangePlan ForAll(const PluginSlots& slots, const Manifest& next);

  // One plugin, asked for by name: a new instance even when nothing differs; with it whoever trades a role with it.
  static ChangePlan ForOne(const PluginSlots& slots, const Roles& now, const Manifest& next, const std::string& id);
};

// Whether the plugin is the one to store, to answer as the model, or to run agents.
bool HasRole(const Roles& roles, const std::string& id);

}  // namespace tutti::host
