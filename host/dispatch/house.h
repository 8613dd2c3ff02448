// The way to the storage plugin's upkeep: checks, export and erasure (tutti/abi/storage.h, MAINTENANCE).
//
// Threads: any.
#pragma once

#include <string>

#include "host/calls/call_table.h"
#include "host/dispatch/routes.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

// The row of the audit that says who erased what of an agent: {"table","row"}.
std::string ErasureNote(const CallContext& context, std::string_view surface, std::string_view agent);

class House {
 public:
  House(Executor& executor, CallTable& calls, Routes& routes) : executor_(executor), calls_(calls), routes_(routes) {}

  // What a plugin may ask for: a check, an export into the result, an erasure, whose note is the host's own.
  // PERMISSION_DENIED for the rest. It runs to its end: an erasure is never left half-way because nobody waits.
  Task<Result<std::string>> Maintain(std::string request, ContextPtr context);

 private:
  Executor& executor_;
  CallTable& calls_;
  Routes& routes_;
};

}  // namespace tutti::host
