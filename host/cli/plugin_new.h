// `tutti plugin new`: writes the folder of a new plugin, which builds, tests and validates at once.
#pragma once

#include <string>

namespace tutti::host {

struct PluginNewOptions {
  std::string kind;              // hook, command, model, runtime, storage, template
  std::string id;                // reverse domain, such as org.example.careful
  std::string language = "cpp";  // cpp, c, rust
  std::string directory;         // empty: the last part of the id, in the current directory
};

// Writes the folder, prints the next commands to standard output and returns 0; 1 with a sentence on standard error
// when the options are wrong or the folder cannot be written. [main]
int RunPluginNew(const PluginNewOptions& options);

}  // namespace tutti::host
