// The routing table of the plugins that run: made anew as a whole after each change.
//
// Threads: control thread. Borrows core and slots, which outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/lifecycle/plugin_slots.h"
#include "host/services/core.h"

namespace tutti::host {

class PluginRoutes {
 public:
  PluginRoutes(Core& core, const PluginSlots& slots) : core_(core), slots_(slots) {}

  // Puts the table of the active plugins in force; logs what had to be left out of it since.
  void Update(const Roles& roles);

  // What a table of `active` would leave out that the table in force does not.
  [[nodiscard]] std::vector<std::string> NewProblems(const std::vector<InstancePtr>& active, const Roles& roles) const;

 private:
  std::shared_ptr<RoutingTable> Make(const std::vector<InstancePtr>& active, const Roles& roles,
                                     std::vector<std::string>& problems) const;

  Core& core_;
  const PluginSlots& slots_;
  std::vector<std::string> problems_;  // of the table in force
};

}  // namespace tutti::host
