#include "host/gateway/builtin_routes.h"

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

struct Entry {
  std::string_view path;
  BuiltinRoute route;
};

constexpr Entry kEntries[] = {
    {"/health", BuiltinRoute::kHealth},        {"/health/ready", BuiltinRoute::kReady},
    {"/metrics", BuiltinRoute::kMetrics},      {"/openapi.json", BuiltinRoute::kOpenApi},
    {"/v1/commands", BuiltinRoute::kCommands}, {"/v1/slash", BuiltinRoute::kSlash},
};

}  // namespace

BuiltinRoute FindBuiltinRoute(std::string_view path) {
  for (const Entry& entry : kEntries) {
    if (entry.path == path) {
      return entry.route;
    }
  }
  return BuiltinRoute::kNone;
}

std::string_view MethodOf(BuiltinRoute route) {
  return route == BuiltinRoute::kSlash ? "POST" : "GET";
}

bool IsPublicPath(std::string_view path) {
  return path == "/health" || path == "/health/ready";
}

std::string HealthBody(std::uint32_t connections) {
  return JsonObject()("status", "healthy")("service", "tutti")("websocket_connections", connections).Take();
}

std::string ReadyBody(const std::vector<Dependency>& dependencies, bool& is_ready) {
  is_ready = true;
  JsonWriter details;
  details.BeginObject();
  for (const Dependency& dependency : dependencies) {
    is_ready = is_ready && dependency.is_ready;
    details.Key(dependency.name).BeginObject().Key("ready").Value(dependency.is_ready);
    if (const Result<Json> detail = Json::Parse(dependency.detail.empty() ? "{}" : dependency.detail); detail.ok()) {
      detail->view().ForEachMember([&](std::string_view key, JsonView value) {
        if (key != "ready") {
          details.Key(key).Value(*value.raw());
        }
      });
    }
    details.EndObject();
  }
  details.EndObject();
  return JsonObject()("status", is_ready ? "ready" : "not_ready").Raw("dependencies", details.view()).Take();
}

}  // namespace tutti::host
