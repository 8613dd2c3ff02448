// <data_dir>/plugins.yaml: which plugins were switched on and off while the server ran. Written by Tutti, laid over the
// operator's manifest last.
//
//   version: 1
//   plugins:
//     - {id: "tutti.hooks.guard", enabled: false}
//
// Plain values; threads: a value, used by one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/node.h"
#include "host/manifest/problem.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class Overlay {
 public:
  struct Plugin {
    std::string id;
    bool enabled = true;
    Place place;  // of the entry; line 0 when it was not read from a file
  };

  static constexpr std::string_view kFileName = "plugins.yaml";

  // The overlay of a data directory.
  static std::filesystem::path PathIn(const std::filesystem::path& data_dir) { return data_dir / kFileName; }

  // A file that is not there is an empty overlay. Problems name the line, what was expected and what to do.
  static Overlay Read(const std::filesystem::path& path, Problems& problems);

  // The same with all problems in one FAILED_PRECONDITION.
  static Result<Overlay> Read(const std::filesystem::path& path);

  // Replaces what was said of `id` before.
  void SetEnabled(std::string_view id, bool enabled);

  // Replaces everything.
  void SetPlugins(std::vector<Plugin> plugins) { plugins_ = std::move(plugins); }

  // Forgets `id`: the manifest decides again.
  void Remove(std::string_view id);

  // Empty: nothing is said of it.
  [[nodiscard]] std::optional<bool> enabled(std::string_view id) const;

  [[nodiscard]] const std::vector<Plugin>& plugins() const { return plugins_; }

  // Atomically, mode 0600. The directory must exist.
  Status Write(const std::filesystem::path& path) const;

  // Lays it over the root of a manifest: sets `enabled` of the plugins it lists, and lists those it does not list and
  // that are enabled here.
  void ApplyTo(Node& root) const;

 private:
  std::vector<Plugin> plugins_;  // ids unique
};

}  // namespace tutti::host
