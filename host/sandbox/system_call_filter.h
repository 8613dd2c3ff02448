// The system calls a plugin's process may make: a list of those that programs with threads, files, clocks and events
// use. Everything else answers EPERM.
#pragma once

#include "host/registry/plugin_spec.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Puts the filter over all threads of this process and over everything it starts, for good. `net` adds sockets, `exec`
// adds processes, programs and signals to others. After an error nothing has changed.
Status LoadSystemCallFilter(const PluginGrants& grants);

}  // namespace tutti::host
