// A plugin folder: what plugin.yaml says, and where the library is.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::validator {

struct DeclaredPoint {
  std::string name;
  std::set<std::string> modes;  // "gate" | "record" | "observe"
};

struct PluginFolder {
  std::filesystem::path directory;
  std::filesystem::path library;
  std::string id;
  std::string version;
  unsigned abi = 0;
  std::set<std::string> kinds;  // "command", "hook", ...
  std::vector<DeclaredPoint> points;
  std::string config;         // JSON: the defaults of the config schema
  std::string config_schema;  // JSON: the config schema itself, empty when there is none
  std::string schema;         // JSON: the storage section, empty when there is none
  std::set<std::string> permissions;

  [[nodiscard]] bool Serves(const std::string& kind) const { return kinds.count(kind) > 0; }
};

// INVALID_ARGUMENT names the file, the key, what was expected and what was found.
Result<PluginFolder> ReadFolder(const std::filesystem::path& directory);

}  // namespace tutti::validator
