// `tutti check` and `tutti plugins`: what the manifest says, without running anything.
#pragma once

#include <iosfwd>

#include "host/cli/command_line.h"
#include "host/manifest/manifest.h"

namespace tutti::host {

// Prints "ok: N plugins" to `out` and returns 0, or every problem to `err` and returns 2.
int CheckManifest(const LoadOptions& options, std::ostream& out, std::ostream& err);

// Prints the table of installed plugins to `out`; problems to `err`, then 2, else 0.
int ListInstalledPlugins(const LoadOptions& options, std::ostream& out, std::ostream& err);

// The same for this process's arguments, environment and standard streams. [main]
int RunCheck(const CommandLine& line);
int RunPlugins(const CommandLine& line);

}  // namespace tutti::host
