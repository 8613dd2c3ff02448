// What a plugin's child process does to itself before it loads the plugin's library, so that the library finds little
// it could harm. docs/isolation.md says what each level means.
//
// Threads: once, while the process has one thread and before any code of the plugin is in it. There is no way back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/registry/plugin_spec.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// All paths are absolute.
struct SandboxPlan {
  PluginGrants grants;
  ProcessLimits limits;
  // The private copy that is going to be opened. Its folder becomes readable with everything in it, because libraries
  // may lie beside it: give a folder that holds libraries only.
  std::filesystem::path library;
  // A directory of this plugin's own that exists; writable, and the working directory from then on. Empty: none.
  std::filesystem::path scratch;
  // Descriptors that stay open besides 0, 1 and 2: the socket to the host.
  std::vector<int> descriptors;
};

struct SandboxReport {
  Confinement level = Confinement::kProcess;  // what was really achieved
  std::vector<std::string> notes;             // a sentence for each thing that was not, with the reason
};

// Goes as far as this system allows; what it refuses lowers the level and is noted.
// INVALID_ARGUMENT: the plan cannot be carried out, nothing has been done. INTERNAL: the process is in an unknown state
// between two levels and has to end.
Result<SandboxReport> EnterSandbox(const SandboxPlan& plan);

}  // namespace tutti::host
