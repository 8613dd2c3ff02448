// What of the file system a confined plugin sees: parts of the system that any program needs, its library, its scratch
// directory and what it was granted. Both ways of enforcing it, a private root and Landlock, start from this list.
#pragma once

#include <filesystem>
#include <vector>

#include "host/sandbox/sandbox.h"

namespace tutti::host {

struct VisiblePath {
  enum class Access { kRead, kWrite, kDevice, kProcess };  // kProcess: of /proc, about this process or harmless

  std::filesystem::path path;  // absolute, normal form
  Access access = Access::kRead;
  bool is_granted = false;  // its absence is worth a note
};

// INVALID_ARGUMENT with a sentence for a plan with relative paths or with grants of what is the kernel's;
// only /proc itself can be granted, for reading.
Status CheckPaths(const SandboxPlan& plan);

// Sorted, so that a directory stands before what is in it; each path once, with the most it was given. Paths may be
// absent on this system.
std::vector<VisiblePath> VisiblePaths(const SandboxPlan& plan);

}  // namespace tutti::host
