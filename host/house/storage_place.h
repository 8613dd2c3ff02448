// A database as the command line names it, and the plugin that opens it.
//
// Plain values; reads the manifest when asked to.
#pragma once

#include <string>

#include "host/manifest/manifest.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// postgresql://..., postgres://... or secret://NAME of such a URL: PostgreSQL; anything else: a file of SQLite. Empty:
// what the manifest uses.
struct StoragePlace {
  std::string plugin;  // id; empty: the manifest's
  std::string key;     // of the plugin's configuration
  std::string value;
};

StoragePlace ReadStoragePlace(const std::string& text);

struct StorageEntry {
  HostSettings host;
  PluginEntry plugin;
  std::string shown;  // for sentences; no password
};

// The plugin with its configuration, ready to be loaded. FAILED_PRECONDITION holds every problem of the manifest.
Result<StorageEntry> FindStorage(LoadOptions options, const StoragePlace& place);

}  // namespace tutti::host
