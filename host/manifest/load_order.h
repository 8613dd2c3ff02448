// Which plugin needs which, and the order that follows.
#pragma once

#include <vector>

#include "host/manifest/manifest.h"
#include "host/manifest/plugin_search.h"

namespace tutti::host {

// Fills in `dependencies` and sorts: what a plugin needs comes first, otherwise the order stays. A kind is needed from
// every plugin that serves it. Needs that are not met, versions that are too old, and circles are reported with who
// needs whom. `found` tells what is installed but not loaded.
void SortByDependencies(std::vector<PluginEntry>& plugins, const std::map<std::string, FoundPlugin>& found,
                        Problems& problems);

}  // namespace tutti::host
