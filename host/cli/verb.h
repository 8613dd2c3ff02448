// How a verb that works on what the manifest says is run.
#pragma once

#include "host/cli/command_line.h"
#include "host/cli/plugin_site.h"

namespace tutti::host {

using Verb = int (*)(const CommandLine&, const LoadOptions&, const Console&);

// Standard input and output, where somebody can answer when both are a terminal.
Console ProcessConsole();

// Finds the manifest and runs the verb on it; its exit code. 1 with a sentence when there is no manifest. [main]
int RunVerb(Verb verb, const CommandLine& line, const Console& console);

}  // namespace tutti::host
