// What a plugin's process does to itself before it opens the plugin's library.
//
// In the process itself, while it has one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/registry/plugin_spec.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

struct SandboxPlan {
  PluginGrants grants;
  ProcessLimits limits;
  std::filesystem::path library;  // the private copy that will be opened
  std::filesystem::path scratch;  // a directory it may write; empty: none
};

struct SandboxReport {
  Confinement level = Confinement::kProcess;
  std::vector<std::string> notes;  // one sentence each for what was not achieved
};

Result<SandboxReport> EnterSandbox(const SandboxPlan& plan);

}  // namespace tutti::host
