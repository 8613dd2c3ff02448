// Which orchestrator row this process works as.
#pragma once

#include "context.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Finds the row that settings.session names (by session id or row id, or "last"); "new" makes a new one, and so does an
// empty name unless runs that this host has not finished are of an earlier session: that one goes on then, and the log
// says so. NOT_FOUND says what to do. Agents of any session that are shown at work and have no run to go on become
// idle.
Task<Result<Session>> OpenSession(Host host, const Settings& settings);

}  // namespace tutti::orchestrator
