// From an entry of the manifest to what the registry needs of a plugin.
#pragma once

#include "host/manifest/manifest.h"
#include "host/registry/plugin_spec.h"

namespace tutti::host {

PluginSpec PluginSpecOf(const PluginEntry& entry);

}  // namespace tutti::host
