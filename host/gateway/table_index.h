// What the gateway derives from a routing table once and uses many times.
//
// Immutable but for texts made at first use; any thread. Keeps its table alive.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "host/dispatch/routes.h"
#include "host/gateway/openapi.h"
#include "host/gateway/rest_arguments.h"
#include "host/gateway/slash_commands.h"

namespace tutti::host {

class TableIndex {
 public:
  explicit TableIndex(RoutingTablePtr table);

  [[nodiscard]] const RoutingTablePtr& table() const { return table_; }

  // `route` is one of the table's.
  [[nodiscard]] const ArgumentTypes& TypesOf(const CommandRoute& route) const { return types_.at(&route); }

  [[nodiscard]] const SlashCommands& slash() const { return slash_; }

  [[nodiscard]] const std::string& OpenApi(const ApiDescription& description) const;

 private:
  const RoutingTablePtr table_;
  const SlashCommands slash_;
  std::unordered_map<const CommandRoute*, ArgumentTypes> types_;
  mutable std::once_flag openapi_made_;
  mutable std::string openapi_;
};

using TableIndexPtr = std::shared_ptr<const TableIndex>;

// The index of the current table.
class CurrentIndex {
 public:
  explicit CurrentIndex(Routes& routes) : routes_(routes) {}

  [[nodiscard]] TableIndexPtr Get() { return Of(routes_.Get()); }

  [[nodiscard]] TableIndexPtr Of(RoutingTablePtr table);

 private:
  Routes& routes_;
  std::mutex mutex_;
  TableIndexPtr index_;  // guarded by mutex_
};

}  // namespace tutti::host
