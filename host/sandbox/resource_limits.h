// The resource limits of a plugin's process.
#pragma once

#include <string>
#include <vector>

#include "host/registry/plugin_spec.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Hard limits on memory, descriptors, file size and cores; on processes and threads only inside a user namespace of
// its own, because elsewhere the kernel counts all processes of the user. A limit that is lower already stays.
// What cannot be limited is noted. REQUIRES: one thread, and no capabilities.
Status ApplyLimits(const ProcessLimits& limits, bool own_user_namespace, std::vector<std::string>& notes);

}  // namespace tutti::host
