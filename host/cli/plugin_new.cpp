#include "host/cli/plugin_new.h"

#include <iostream>

namespace tutti::host {

int RunPluginNew(const PluginNewOptions& options) {
  std::cerr << "tutti: this build has no starters for plugins, so there is none for " << options.kind
            << "; docs/plugin-author-guide.md shows the files of one\n";
  return 1;
}

}  // namespace tutti::host
