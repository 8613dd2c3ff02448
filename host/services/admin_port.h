// What the service tutti.host.admin/0 needs of whoever manages the plugins.
//
// Threads: any.
#pragma once

#include <functional>
#include <string>

#include "host/calls/call_table.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class AdminPort {
 public:
  using Done = std::function<void(Result<std::string>)>;

  virtual ~AdminPort() = default;

  // `operation` and the result as in tutti/abi/admin.h; `caller` is the call on whose behalf it is done, or empty.
  // `done` runs once, on this thread or another, never under a lock.
  virtual void Manage(std::string operation, NodePtr caller, Done done) = 0;
};

}  // namespace tutti::host
