// What the operator typed behind `tutti plugin new`.
#pragma once

#include <string>
#include <vector>

#include "host/cli/plugin_new.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// `arguments` behind "new": KIND ID [--language cpp|c|rust] [--directory DIR]. INVALID_ARGUMENT says what is wrong.
Result<PluginNewOptions> ParsePluginNew(const std::vector<std::string>& arguments);

}  // namespace tutti::host
