// Descriptions of what this server offers, generated from the routing table: OpenAPI 3.1 and the list of commands.
//
// Threads: any.
#pragma once

#include <string>

#include "host/registry/routing_table.h"

namespace tutti::host {

struct ApiDescription {
  std::string title;
  std::string version;
  bool needs_token = false;
};

// Every REST binding with its schemas, and the gateway's own routes.
std::string OpenApiDocument(const RoutingTable& table, const ApiDescription& description);

// A JSON array of definitions in load order: name, summary, input, output, effects, scopes, surfaces, slash, rest.
std::string CommandList(const RoutingTable& table);

}  // namespace tutti::host
