// What tutti-validate checks, as a table of named cases.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "effort.h"
#include "folder.h"
#include "outcome.h"

namespace tutti::validator {

struct Case {
  std::string_view name;
  std::string_view description;  // what a pass means
  Outcome (*run)(const PluginFolder& folder, const Effort& effort);
};

// In the order in which they are run.
const std::vector<Case>& Cases();

// Runs one case in a child process.
Outcome RunCase(const Case& item, const PluginFolder& folder, const Effort& effort, std::chrono::milliseconds limit);

// The cases themselves, to be run in a process of their own.
Outcome CheckEntryCase(const PluginFolder& folder);
Outcome CheckExportsCase(const PluginFolder& folder);
Outcome CheckManifestCase(const PluginFolder& folder);
Outcome CheckCommandsCase(const PluginFolder& folder);
Outcome CheckLifecycleCase(const PluginFolder& folder);
Outcome CheckBadConfigCase(const PluginFolder& folder);
Outcome CheckFinishCase(const PluginFolder& folder);
Outcome CheckCancelCase(const PluginFolder& folder);
Outcome CheckWouldBlockCase(const PluginFolder& folder);
Outcome CheckLateFinishCase(const PluginFolder& folder);
Outcome CheckPointsCase(const PluginFolder& folder);
Outcome CheckSchemasCase(const PluginFolder& folder);
Outcome CheckConductCase(const PluginFolder& folder);
Outcome CheckPermissionsCase(const PluginFolder& folder);
Outcome CheckSizesCase(const PluginFolder& folder);
Outcome CheckServicesCase(const PluginFolder& folder);
Outcome CheckLeftoversCase(const PluginFolder& folder);
Outcome CheckActivationsCase(const PluginFolder& folder, const Effort& effort);
Outcome CheckDeactivateCase(const PluginFolder& folder, const Effort& effort);
Outcome CheckRaceCase(const PluginFolder& folder, const Effort& effort);
Outcome CheckRandomCase(const PluginFolder& folder, const Effort& effort);
Outcome CheckMemoryCase(const PluginFolder& folder, const Effort& effort);

}  // namespace tutti::validator
