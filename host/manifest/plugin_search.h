// Finds the plugins that are installed: every plugin.yaml below the directories of the search path.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/manifest/plugin_manifest.h"

namespace tutti::host {

struct FoundPlugin {
  PluginManifest manifest;
  Problems problems;  // of its plugin.yaml; they matter only when the plugin is to be loaded
};

// Looks for */plugin.yaml and */*/plugin.yaml below each directory, in order of names. An id that is found twice, in
// different places, is a problem of the second; a plugin.yaml without a readable id is reported. By id.
std::map<std::string, FoundPlugin> FindPlugins(const std::vector<std::string>& directories, Problems& problems);

}  // namespace tutti::host
