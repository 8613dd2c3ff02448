// The routes the gateway answers itself, wherever no command has bound them: health, metrics, and what there is to
// call.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/gateway/responder.h"

namespace tutti::host {

// Readiness of one dependency, for /health/ready.
struct Dependency {
  std::string name;
  bool is_ready = false;
  std::string detail;  // JSON object
};

enum class BuiltinRoute { kNone, kHealth, kReady, kMetrics, kOpenApi, kCommands, kSlash };

BuiltinRoute FindBuiltinRoute(std::string_view path);

// The one method the route has; GET is also answered to HEAD.
std::string_view MethodOf(BuiltinRoute route);

// Whether the route needs no token: what a load balancer asks must work without one.
bool IsPublicPath(std::string_view path);

std::string HealthBody(std::uint32_t connections);

// {"status":"ready"|"not_ready","dependencies":{name: {"ready", ...detail}}}
std::string ReadyBody(const std::vector<Dependency>& dependencies, bool& is_ready);

}  // namespace tutti::host
