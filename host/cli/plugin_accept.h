// Accepting a plugin: what `tutti plugin pin` and `tutti plugin install --pin` have in common.
#pragma once

#include "host/cli/plugin_site.h"
#include "host/manifest/plugin_manifest.h"

namespace tutti::host {

// Shows the plugin's bytes and permissions, those that are new marked; asks unless `is_accepted`; writes the lock file.
// The exit code.
int AcceptPlugin(const PluginSite& site, const PluginManifest& plugin, bool is_accepted, const Console& console);

}  // namespace tutti::host
