// The `plugins` list of a manifest, entry by entry, before it is decided which are loaded.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/manifest/manifest.h"
#include "host/manifest/node.h"
#include "host/manifest/plugin_search.h"

namespace tutti::host {

struct ListedPlugin {
  const Node* node = nullptr;  // of the list
  const FoundPlugin* found = nullptr;
  std::string as;
  bool enabled = true;
  bool chosen = true;  // false: another plugin has its role
};

// Entries whose plugin is installed. Unknown ids and names used twice are reported. Both arguments must outlive the
// result.
std::vector<ListedPlugin> ListPlugins(const Node& root, const std::map<std::string, FoundPlugin>& found,
                                      Problems& problems);

// Reads everything of one entry that will be loaded but how far it is trusted (host/manifest/trust.h).
PluginEntry ReadEntry(const ListedPlugin& listed, const std::map<std::string, FoundPlugin>& found,
                      const Variables& variables, Problems& problems);

}  // namespace tutti::host
