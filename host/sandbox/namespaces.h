// Namespaces of the process' own: user, mount, IPC, UTS, and network unless granted.
#pragma once

#include <string>
#include <vector>

#include "host/sandbox/sandbox.h"

namespace tutti::host {

// Enters them all and then the private root. User and group keep their numbers. After an error the process may be in
// some of them and has to end.
Status EnterNamespaces(const SandboxPlan& plan, std::vector<std::string>& notes);

}  // namespace tutti::host
