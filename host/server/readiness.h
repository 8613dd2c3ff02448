// Which of the host's dependencies are ready, for /health/ready.
#pragma once

#include <vector>

#include "host/gateway/gateway.h"
#include "host/services/core.h"

namespace tutti::host {

// Storage, model and runtime; and the pool of workers when it has too few. [any]
std::vector<Dependency> CheckDependencies(const Core& core);

}  // namespace tutti::host
