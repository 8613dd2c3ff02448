// What Landlock adds where the kernel has it, without namespaces and without rights.
#pragma once

#include "host/sandbox/sandbox.h"

namespace tutti::host {

struct PathRules {
  bool paths_are_held = false;    // only what VisiblePaths lists can be opened, and without `exec` no program started
  bool signals_are_held = false;  // no signal to a process outside, no abstract socket of one outside (Linux 6.12)
};

// `with_paths`: hold the paths too, for want of a root of its own. Answers what is in force afterwards. A kernel
// without Landlock is no error. REQUIRES: no_new_privs; no mount is made later.
PathRules ApplyPathRules(const SandboxPlan& plan, bool with_paths);

}  // namespace tutti::host
