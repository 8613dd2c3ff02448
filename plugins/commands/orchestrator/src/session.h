// Which orchestrator row this process works as.
#pragma once

#include "context.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Makes a new row, or finds the one that settings.session names (by session id or row id, or "last"). NOT_FOUND says
// what to do. Agents that an earlier process left executing become idle.
Task<Result<Session>> OpenSession(Host host, const Settings& settings);

}  // namespace tutti::orchestrator
