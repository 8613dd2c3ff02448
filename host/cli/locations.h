// Where the manifest, the state, the plugins and the agents' files are.
#pragma once

#include <string>
#include <vector>

#include "host/cli/command_line.h"
#include "host/manifest/manifest.h"
#include "host/manifest/variables.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// $TUTTI_DATA, else $XDG_STATE_HOME/tutti, else ~/.local/state/tutti.
std::string DefaultDataDirectory(const Variables& environment);

// --config, else ./etc/tutti.yaml, else <prefix>/etc/tutti/tutti.yaml, where `executable` is <prefix>/bin/tutti.
// NOT_FOUND names where it was looked for.
Result<std::string> FindConfig(const std::string& given, const std::string& executable);

// Directories of the plugins that came with `executable`: <prefix>/plugins (build tree), <prefix>/lib/tutti/plugins.
std::vector<std::string> BuiltInPluginDirectories(const std::string& executable);

// The environment, and on top of it (empty values are as good as none)
//   TUTTI_DATA     --data, else the default above; absolute
//   TUTTI_CWD      --cwd, else $TUTTI_CWD, else $ORCHESTRATOR_WORKING_DIR, else the current directory; absolute
//   TUTTI_SESSION  --session, else $TUTTI_SESSION, else $ORCHESTRATOR_SESSION_ID, else empty
//   TUTTI_LOG_LEVEL, TUTTI_LOG_FILE  else $LOG_LEVEL, and tutti.log in $LOG_DIR
Variables ManifestVariables(const CommandLine& line, Variables environment);

// Everything above, for this process: what LoadManifest needs. Variables of a .env file beside the manifest are put
// into the environment first, unless they are set. [main], before there are threads.
Result<LoadOptions> MakeLoadOptions(const CommandLine& line);

}  // namespace tutti::host
