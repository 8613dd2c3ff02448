// Takes operations on the plugins from any thread and has them done on the control thread, one after another.
//
// Threads: Manage from any thread. Ownership: borrows loop and manager, which outlive it.
#pragma once

#include <string>

#include "host/lifecycle/control_loop.h"
#include "host/lifecycle/plugin_manager.h"
#include "host/services/admin_port.h"

namespace tutti::host {

class AdminDesk final : public AdminPort {
 public:
  AdminDesk(ControlLoop& loop, PluginManager& manager) : loop_(loop), manager_(manager) {}

  void Manage(std::string operation, NodePtr caller, Done done) override;

 private:
  // [main]
  Result<std::string> Run(const std::string& operation, const NodePtr& caller);

  ControlLoop& loop_;
  PluginManager& manager_;
};

}  // namespace tutti::host
