// `tutti check` and `tutti plugins`: what the manifest says, without running anything.
#pragma once

#include <iosfwd>
#include <string>

#include "host/cli/command_line.h"
#include "host/manifest/manifest.h"

namespace tutti::host {

// Prints "ok: N plugins" to `out` and returns 0, or every problem and every plugin that would be refused to `err` and
// returns 2.
int CheckManifest(const LoadOptions& options, std::ostream& out, std::ostream& err);

// Prints the table of installed plugins to `out`; problems to `err`, then 2, else 0.
int ListInstalledPlugins(const LoadOptions& options, std::ostream& out, std::ostream& err);

// "enabled" and so on.
std::string StateName(InstalledPlugin::State state);

// The same for this process's arguments, environment and standard streams. [main]
int RunCheck(const CommandLine& line);
int RunPlugins(const CommandLine& line);

}  // namespace tutti::host
