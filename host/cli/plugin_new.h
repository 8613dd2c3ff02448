// `tutti plugin new`: writes the folder of a new plugin.
#pragma once

#include <string>

namespace tutti::host {

struct PluginNewOptions {
  std::string kind;
  std::string id;
  std::string language = "cpp";
  std::string directory;  // empty: the last part of the id
};

// The exit code. [main]
int RunPluginNew(const PluginNewOptions& options);

}  // namespace tutti::host
