// What stays of a plugin instance for ever: its name, for whoever reads it late, and the handle the plugin holds of its
// host, so that a plugin which calls after its end finds something that refuses it.
//
// A few hundred bytes per instance ever made in this process; nothing else of it is kept.
// Threads: any; readable in a signal handler.
#pragma once

#include <atomic>
#include <string>

#include "tutti/abi/plugin.h"

namespace tutti::host {

struct PluginTag : tutti_host {
  PluginTag(std::string plugin_id, std::string plugin_version)
      : tutti_host{}, id(std::move(plugin_id)), version(std::move(plugin_version)) {}

  const std::string id;
  const std::string version;
  mutable std::atomic<bool> is_retired{false};  // it is being destroyed: nothing of the plugin is called any more
};

// A new tag, never freed.
PluginTag& KeepPluginTag(std::string id, std::string version);

}  // namespace tutti::host
