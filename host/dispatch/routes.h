// The current RoutingTable, swapped as a whole.
//
// Threads: any. A reader keeps the table it got for as long as it needs it.
#pragma once

#include <mutex>
#include <utility>

#include "host/registry/routing_table.h"

namespace tutti::host {

class Routes {
 public:
  [[nodiscard]] RoutingTablePtr Get() const {
    const std::lock_guard lock(mutex_);
    return table_;
  }

  void Set(RoutingTablePtr table) {
    const std::lock_guard lock(mutex_);
    table_.swap(table);
  }

 private:
  mutable std::mutex mutex_;
  RoutingTablePtr table_;
};

}  // namespace tutti::host
