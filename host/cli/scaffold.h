// The files of a new plugin: a starter with its names replaced.
//
// Plain functions; no threads.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/cli/plugin_new.h"
#include "host/cli/starters.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// What a starter was written for: /usr/local and /usr/local/etc/tutti/tutti.yaml.
struct ScaffoldPlaces {
  std::string prefix;    // where bin/tutti lies
  std::string manifest;  // what the new plugin's run.yaml includes
};

struct Scaffold {
  std::string directory;
  std::vector<std::pair<std::string, std::string>> files;  // path within the directory, text
};

// INVALID_ARGUMENT names what was expected, and the nearest name: of a kind, of a language, of an id.
Result<Scaffold> MakeScaffold(const std::vector<Starter>& starters, const PluginNewOptions& options,
                              const ScaffoldPlaces& places);

// ALREADY_EXISTS when the directory holds something; nothing is ever written over.
Status WriteScaffold(const Scaffold& scaffold);

// "my-first_hook" -> "MyFirstHook"
std::string ClassName(std::string_view name);

}  // namespace tutti::host
