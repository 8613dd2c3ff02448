// A level of confinement in words, for listings.
#pragma once

#include <string>

#include "host/registry/plugin_spec.h"

namespace tutti::host {

// "own user, mount, IPC and network namespaces; system calls filtered; resource limits". The grants matter: a plugin
// with `net` keeps the host's network.
std::string DescribeConfinement(Confinement level, const PluginGrants& grants);

}  // namespace tutti::host
