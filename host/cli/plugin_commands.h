// The verbs of `tutti plugin`, one function each, in files of their names. Each prints its result or a sentence and
// returns the exit code. [main]
#pragma once

#include "host/cli/command_line.h"
#include "host/cli/plugin_site.h"

namespace tutti::host {

int ValidatePlugin(const CommandLine& line, const Console& console);
int PackPlugin(const CommandLine& line, const Console& console);
int KeygenPlugin(const CommandLine& line, const Console& console);
int SignPlugin(const CommandLine& line, const Console& console);

int InstallPlugin(const CommandLine& line, const LoadOptions& options, const Console& console);
int ListPlugins(const CommandLine& line, const LoadOptions& options, const Console& console);
int InfoPlugin(const CommandLine& line, const LoadOptions& options, const Console& console);
int VerifyPlugin(const CommandLine& line, const LoadOptions& options, const Console& console);
int PinPlugin(const CommandLine& line, const LoadOptions& options, const Console& console);
int UnpinPlugin(const CommandLine& line, const LoadOptions& options, const Console& console);
int SwitchPlugin(const CommandLine& line, const LoadOptions& options, const Console& console);
int PurgePlugin(const CommandLine& line, const LoadOptions& options, const Console& console);

// Any of them, with this process's arguments, environment and standard streams.
int RunPluginVerb(const CommandLine& line);

}  // namespace tutti::host
