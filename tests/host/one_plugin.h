// A plugin that a test of the host plays itself: its `self` is the object that its PluginInstance was given as core.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "host/registry/plugin_instance.h"

namespace tutti::host {

// An entry whose functions do nothing; `Extension` answers for the id of a kind with its table.
template <const void* (*Extension)(const char* id)>
constexpr tutti_entry EntryOf(const char* id) {
  return {TUTTI_ENTRY_MAGIC,
          sizeof(tutti_entry),
          TUTTI_ABI_MAJOR,
          TUTTI_ABI_MINOR,
          id,
          "1.0.0",
          [](const tutti_host* host, tutti_plugin* plugin, const tutti_sink* /*error*/) -> tutti_code {
            plugin->self = PluginInstance::Of(host)->core();
            plugin->init = [](void*, tutti_str, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
            plugin->activate = [](void*, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
            plugin->deactivate = [](void*) {};
            plugin->destroy = [](void*) {};
            plugin->get_extension = [](void*, const char* kind) { return Extension(kind); };
            return TUTTI_OK;
          }};
}

inline PluginSpec SpecOf(std::string id, std::vector<std::string> kinds) {
  PluginSpec spec;
  spec.id = std::move(id);
  spec.version = "1.0.0";
  spec.kinds = std::move(kinds);
  return spec;
}

inline const void* NoService(const tutti_host* /*host*/, const char* /*id*/) {
  return nullptr;
}

inline void Require(const Status& status) {
  if (!status.ok()) {
    throw std::runtime_error(status.ToString());
  }
}

// Brings it to where it serves.
inline void StartPlugin(PluginInstance& instance, const tutti_entry& entry) {
  Require(instance.Create(entry));
  Require(instance.Init());
  Require(instance.Activate());
}

}  // namespace tutti::host
