// The service tables a plugin is given in a process of its own. `context` of its tutti_host is a WorkerServices.
//
// Threads: any.
#pragma once

#include <string>
#include <vector>

#include "host/executor/executor.h"
#include "host/isolation/callback_clock.h"
#include "host/isolation/channel.h"
#include "host/isolation/worker_calls.h"
#include "host/isolation/worker_requests.h"
#include "tutti/abi/plugin.h"

namespace tutti::host {

struct WorkerServices {
  std::vector<std::string> granted;
  std::uint32_t log_levels;
  Executor& executor;
  Channel& channel;
  WorkerCalls& calls;
  WorkerRequests& requests;
  CallbackClock& callbacks;

  // For tutti_host::get_service: NULL for what was not granted.
  static const void* Find(const tutti_host* host, const char* id);

  // A line under the plugin's id.
  void Log(std::int32_t level, std::string_view message, std::string_view fields);
};

}  // namespace tutti::host
