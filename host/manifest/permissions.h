// The words of `permissions` in plugin.yaml and of `grants` in a manifest entry: what a plugin may reach besides its
// own computing. Log, config, calls, executor and metrics need none.
//
// Static; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/registry/plugin_spec.h"

namespace tutti::host {

// The host services that have to be granted.
const std::vector<std::string>& GrantableServices();

// The services, and net, path and exec.
const std::vector<std::string>& PermissionNames();

// As a YAML list, for schemas: "[store, commands, ...]".
std::string GrantableServicesYaml();
std::string PermissionNamesYaml();

// What these permissions amount to. `path` has no places in it: those only the manifest can name.
PluginGrants GrantsOf(const std::vector<std::string>& permissions);

// The permissions among `asked` that `grants` leaves out, in order. `path` is granted where at least one path is.
std::vector<std::string> Missing(const std::vector<std::string>& asked, const PluginGrants& grants);

// What an operator would write to grant these: "services: [store], net: true, path: {read: [DIR], write: [DIR]}".
std::string GrantsText(const std::vector<std::string>& permissions);

}  // namespace tutti::host
