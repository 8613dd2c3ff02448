// `tutti run`: reads the manifest, starts every plugin, serves until SIGTERM or SIGINT, and stops in order.
#pragma once

#include <string>

#include "host/manifest/manifest.h"

namespace tutti::host {

struct RunOptions {
  LoadOptions manifest;
  std::string listen;  // wins over the manifest's; empty: the manifest's
};

// Returns the process' exit code: 0 after an orderly stop, 1 when the start failed or the stop took too long, 2 for
// problems in the manifest. [main]
int RunServer(const RunOptions& options);

}  // namespace tutti::host
