#include "host/lifecycle/plugin_routes.h"

#include <algorithm>
#include <utility>

#include "host/dispatch/dispatcher.h"

namespace tutti::host {

void PluginRoutes::Update(const Roles& roles) {
  std::vector<std::string> problems;
  auto table = Make(slots_.Active(), roles, problems);
  for (const std::string& problem : problems) {
    if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
      core_.log.Write(TUTTI_LOG_WARNING, "", "command left out", JsonObject()("reason", problem).Take());
    }
  }
  problems_ = std::move(problems);
  core_.routes.Set(std::move(table));
}

std::vector<std::string> PluginRoutes::NewProblems(const std::vector<InstancePtr>& active, const Roles& roles) const {
  std::vector<std::string> problems;
  static_cast<void>(Make(active, roles, problems));
  std::erase_if(problems, [this](const std::string& problem) {
    return std::find(problems_.begin(), problems_.end(), problem) != problems_.end();
  });
  return problems;
}

std::shared_ptr<RoutingTable> PluginRoutes::Make(const std::vector<InstancePtr>& active, const Roles& roles,
                                                 std::vector<std::string>& problems) const {
  std::vector<PluginInstance*> plain;
  std::vector<InstancePtr> owned = active;
  for (const InstancePtr& instance : active) {
    plain.push_back(instance.get());
  }
  auto table = std::make_shared<RoutingTable>(plain, roles.storage, roles.model, roles.runtime, problems);
  const RoutingTablePtr before = core_.routes.Get();
  for (const PluginSlot& slot : slots_) {
    if (slot.state == PluginSlot::State::kQuarantined) {
      table->AddQuarantined(*slot.plugin, before.get(), slot.reason);
      owned.push_back(slot.plugin);
    }
  }
  table->Own(std::move(owned));
  Dispatcher::Prepare(*table, before.get(), problems);
  return table;
}

}  // namespace tutti::host
