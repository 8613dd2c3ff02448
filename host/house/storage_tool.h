// A storage plugin, loaded into this process for upkeep: created and inited, never activated, so that nothing is made
// in a database that is only looked at. Works beside a running server, on connections of its own.
//
// Threads: control thread. SIGINT and SIGTERM cancel a request that is running.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/house/storage_place.h"
#include "host/services/core.h"

namespace tutti::host {

class StorageTool {
 public:
  using OnEvent = std::function<void(const std::string& event)>;

  // FAILED_PRECONDITION: it cannot be loaded, or does not keep house.
  static Result<std::unique_ptr<StorageTool>> Open(const StorageEntry& entry);
  ~StorageTool();
  StorageTool(const StorageTool&) = delete;
  StorageTool& operator=(const StorageTool&) = delete;

  // A request of MAINTENANCE in tutti/abi/storage.h, to its end. `on_event` runs on other threads, one at a time.
  Result<std::string> Maintain(std::string request, OnEvent on_event);

 private:
  class Complaints;

  StorageTool();

  std::unique_ptr<Complaints> log_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<PluginInstance> plugin_;
};

// SIGINT and SIGTERM come to the control thread from now on. Before there are other threads.
void HoldInterrupts();

}  // namespace tutti::host
