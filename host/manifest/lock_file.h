// tutti.lock: the plugins an operator has looked at and accepted, down to their bytes. Written by `tutti plugin pin`,
// meant to be kept with the manifest.
//
//   version: 1
//   plugins:
//     - id: "org.example.redact"
//       version: "1.2.0"
//       library_sha256: "..."
//       manifest_sha256: "..."          # of plugin.yaml
//       permissions: ["store", "net"]   # accepted
//       pinned_by: "ada"
//       pinned_at: "2026-11-21T02:15:00Z"
//
// Plain values; threads: a value, used by one thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/problem.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

struct PinnedPlugin {
  std::string id;
  std::string version;
  std::string library_sha256;   // lower-case hex
  std::string manifest_sha256;  // the same
  std::vector<std::string> permissions;
  std::string pinned_by;
  std::string pinned_at;  // ISO 8601, UTC
};

class LockFile {
 public:
  // A file that is not there is an empty one. With problems nothing in it counts: they name the line and what to do.
  static LockFile Read(const std::filesystem::path& path, Problems& problems);

  // nullptr: not pinned.
  [[nodiscard]] const PinnedPlugin* Find(std::string_view id) const;

  // Replaces what was pinned under this id.
  void Pin(PinnedPlugin plugin);

  // false: it was not pinned.
  bool Unpin(std::string_view id);

  [[nodiscard]] const std::vector<PinnedPlugin>& plugins() const { return plugins_; }

  // Atomically; readable by everybody, for the server may run as another user than the one who pins.
  [[nodiscard]] Status Write(const std::filesystem::path& path) const;

 private:
  std::vector<PinnedPlugin> plugins_;  // by id, ids unique
};

}  // namespace tutti::host
