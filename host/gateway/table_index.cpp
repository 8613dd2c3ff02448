#include "host/gateway/table_index.h"

#include <utility>

namespace tutti::host {

TableIndex::TableIndex(RoutingTablePtr table) : table_(std::move(table)), slash_(*table_) {
  for (const auto* routes : {&table_->commands(), &table_->quarantined()}) {
    for (const auto& route : *routes) {
      types_.emplace(route.get(), ArgumentTypes(route->definition.input));
    }
  }
}

const std::string& TableIndex::OpenApi(const ApiDescription& description) const {
  std::call_once(openapi_made_, [&] { openapi_ = OpenApiDocument(*table_, description); });
  return openapi_;
}

TableIndexPtr CurrentIndex::Of(RoutingTablePtr table) {
  const std::lock_guard lock(mutex_);
  if (index_ == nullptr || index_->table() != table) {
    index_ = std::make_shared<const TableIndex>(std::move(table));
  }
  return index_;
}

}  // namespace tutti::host
