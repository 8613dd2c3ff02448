// A root file system of the process' own, with nothing in it but what VisiblePaths lists, a fresh /tmp and a few names.
#pragma once

#include <string>
#include <vector>

#include "host/sandbox/sandbox.h"

namespace tutti::host {

// REQUIRES: a mount namespace of its own, with CAP_SYS_ADMIN over it. Afterwards the working directory is "/" and the
// old root is out of reach. A granted path that does not exist is noted. After an error the process has to end.
Status EnterPrivateRoot(const SandboxPlan& plan, std::vector<std::string>& notes);

}  // namespace tutti::host
