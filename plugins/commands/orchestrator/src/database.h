// Batches of storage operations, awaited.
#pragma once

#include <string>

#include "tutti/sdk/host.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// `parent` is the call on whose behalf, 0 for the orchestrator's own work.
Task<Result<StoreReply>> Execute(Host host, tutti_call parent, std::string batch);

// For what must not be lost while the database is away for a moment: tries again a few times, for some seconds.
Task<Result<StoreReply>> ExecutePatiently(Host host, std::string batch);

}  // namespace tutti::orchestrator
