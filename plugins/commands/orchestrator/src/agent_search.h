// Finding an agent by its name.
#pragma once

#include <string>

#include "agent_rows.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// NOT_FOUND when there is no live agent of that name.
Task<Result<Agent>> FindLiveAgent(Host host, tutti_call parent, std::string orchestrator, std::string name);

}  // namespace tutti::orchestrator
