// What plugins that read documents have in common in their configuration: `directories` and the bounds.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "document_reader.h"
#include "document_root.h"
#include "tutti/sdk/plugin.hpp"

namespace tutti::documents {

struct Settings {
  // Defaults are those of the plugin's schema, which have been filled in.
  static Result<Settings> Read(const Config& config) {
    Settings settings;
    const char* home = std::getenv("HOME");
    Status status;
    config["directories"].ForEach([&](JsonView json) {
      Result<DocumentRoot> root =
          DocumentRoot::Make({std::string(json["path"].AsString()), std::string(json["source"].AsString("project")),
                              std::string(json["beneath"].AsString())},
                             home == nullptr ? std::string() : home);
      if (root.ok()) {
        settings.roots.push_back(std::move(*root));
      } else if (status.ok()) {
        status = root.status();
      }
    });
    if (!status.ok()) {
      return status;
    }
    const auto size = [&](const char* key, std::size_t fallback) {
      return static_cast<std::size_t>(config[key].AsInt(static_cast<std::int64_t>(fallback)));
    };
    ReaderLimits& limits = settings.limits;
    limits.scan.files = size("max_files", limits.scan.files);
    limits.scan.entries = size("max_entries", limits.scan.entries);
    limits.scan.depth = size("max_depth", limits.scan.depth);
    limits.file_bytes = size("max_file_bytes", limits.file_bytes);
    limits.total_bytes = size("max_total_bytes", limits.total_bytes);
    limits.watches = size("max_watches", limits.watches);
    return settings;
  }

  std::vector<DocumentRoot> roots;
  ReaderLimits limits;
};

}  // namespace tutti::documents
