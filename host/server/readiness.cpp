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

// What the plugin says, and what the host has met: whichever is in trouble has the word.
Dependency StorageOf(const Core& core) {
  Result<Json> stats = Json::Parse(core.store.Stats());
  if (!stats.ok()) {
    stats = Json::Parse("{}");
  }
  const StorageGuard& guard = core.store.guard();
  const std::string refusing = guard.Reason();
  const bool is_healthy = (*stats)["healthy"].AsBool();
  JsonWriter detail;
  detail.BeginObject();
  detail.Key("healthy").Value(is_healthy && refusing.empty());
  detail.Key("reason").Value(refusing.empty() ? (*stats)["reason"].AsString() : std::string_view(refusing));
  stats->view().ForEachMember([&](std::string_view key, JsonView value) {
    if (key != "healthy" && key != "reason") {
      detail.Key(key).Value(*value.raw());
    }
  });
  detail.Key("waiting").Value(guard.waiting()).Key("breaker").Raw(guard.ToJson());
  return {"storage", is_healthy && refusing.empty(), detail.EndObject().Take()};
}

}  // namespace

std::vector<Dependency> CheckDependencies(const Core& core) {
  const RoutingTablePtr table = core.routes.Get();
  if (table == nullptr) {
    return {{"host", false, R"({"reason":"the host is starting or stopping"})"}};
  }
  std::vector<Dependency> all{StorageOf(core), RoleOf("model", table->model()), RoleOf("runtime", table->runtime())};
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
