// The slash commands that the console offers, as a plugin that has some lists them.
#pragma once

#include <string>

#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// [{"name","description","arguments","model","allowed_tools","disable_model_invocation"}, ...] in the order of
// slash.list, without what users may not type. Empty when no plugin lists any, or when it fails, which the log says:
// what shows commands must not fail for them.
Task<std::string> ListedCommands(Host host, tutti_call parent);

// The same of one answer of slash.list.
std::string ListedCommandsJson(JsonView answer);

}  // namespace tutti::orchestrator
