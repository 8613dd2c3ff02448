// What the server asks of the kernel for its own process.
#pragma once

namespace tutti::host {

// Once, before any plugin is loaded. [main]
// - Descriptors: as many as the system allows, because each idle connection costs one and a login shell's usual limit
//   is 1024.
// - Memory and environment, which hold keys, are closed to other processes of the same user, and there are no core
// files.
void SetProcessLimits();

}  // namespace tutti::host
