// A storage plugin's library behind the suite's interfaces: loaded as the host loads it, called through its C table.
#pragma once

#include <memory>
#include <string>

#include "folder.h"
#include "storage.h"
#include "tutti/abi/plugin.h"

namespace tutti::storage_suite {

struct PluginUnderTest {
  validator::PluginFolder folder;
  const tutti_entry* entry = nullptr;
  std::string config;  // laid over the defaults
  std::string reset;
};

// A fresh temporary directory, which becomes the process's working directory, and the plugin in it. One at a time;
// nullptr after reporting why not. `plugin` must outlive it.
std::unique_ptr<Backend> MakePluginBackend(const PluginUnderTest& plugin);

}  // namespace tutti::storage_suite
