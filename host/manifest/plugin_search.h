// Finds the plugins that are installed: every plugin.yaml below the directories of the search path.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/manifest/lock_file.h"
#include "host/manifest/plugin_manifest.h"

namespace tutti::host {

struct FoundPlugin {
  PluginManifest manifest;
  Problems problems;  // of its plugin.yaml; they matter only when the plugin is to be loaded
  std::string root;   // the directory of the search path it was found below
};

// Looks for */plugin.yaml and */*/plugin.yaml below each directory, in order of names. An id that is found twice, in
// different places, is a problem of the second; a plugin.yaml without a readable id is reported. By id.
std::map<std::string, FoundPlugin> FindPlugins(const std::vector<std::string>& directories, Problems& problems);

// Every version in a directory of installed plugins, <directory>/<id>/<version>/plugin.yaml: by id, oldest first.
std::map<std::string, std::vector<FoundPlugin>> FindInstalledVersions(const std::string& directory, Problems& problems);

// Adds one version of each to what was found elsewhere: the one that is pinned, else the newest. An id that is there
// already is a problem of the one that is there.
void AddInstalled(const std::string& directory, const LockFile& lock, std::map<std::string, FoundPlugin>& found,
                  Problems& problems);

}  // namespace tutti::host
