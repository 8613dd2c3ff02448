// Which host services a plugin in a process of its own is given.
//
// Constant data; any thread.
#pragma once

#include <span>
#include <string_view>

namespace tutti::host {

struct ServiceGrant {
  const char* service;      // "tutti.host.<service>/<revision>"
  std::string_view permit;  // what plugin.yaml calls it; empty: every plugin has it
};

// All services that cross the socket. The gateway is not among them: transports run in the host.
std::span<const ServiceGrant> ServiceGrants();

}  // namespace tutti::host
