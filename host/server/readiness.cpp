#include "host/server/readiness.h"

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

Dependency RoleOf(const char* name, PluginInstance* plugin) {
  Dependency role{name, plugin != nullptr, {}};
  role.detail =
      plugin == nullptr ? R"({"reason":"no plugin holds this role"})" : JsonObject()("plugin", plugin->id()).Take();
  return role;
}

}  // namespace

std::vector<Dependency> CheckDependencies(const Core& core) {
  const RoutingTablePtr table = core.routes.Get();
  if (table == nullptr) {
    return {{"host", false, R"({"reason":"the host is starting or stopping"})"}};
  }
  const std::string stats = core.store.Stats();
  const Result<Json> parsed = Json::Parse(stats);
  const bool is_healthy = parsed.ok() && (*parsed)["healthy"].AsBool();
  std::vector<Dependency> all{{"storage", is_healthy, parsed.ok() ? stats : "{}"},
                              RoleOf("model", table->model()),
                              RoleOf("runtime", table->runtime())};
  if (core.executor.is_short()) {
    all.push_back({"workers", false,
                   JsonObject()("reason",
                                "plugins hold more threads than are replaced (executor.lost_threads); the log "
                                "names them")("lost", core.executor.lost())
                       .Take()});
  }
  return all;
}

}  // namespace tutti::host
