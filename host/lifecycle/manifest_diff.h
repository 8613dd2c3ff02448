// What has to happen to the plugins that run so that they are what a manifest says.
//
// Pure: reads no file and changes nothing. Plain values, no threads.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "host/manifest/manifest.h"

namespace tutti::host {

struct RunningPlugin {
  const PluginEntry* entry = nullptr;
  std::string sha256;      // of the library that runs
  bool is_active = false;  // false: it failed, and is to be tried again
};

struct PluginChange {
  enum class Kind { kEnable, kDisable, kReload };

  Kind kind = Kind::kEnable;
  std::string id;
  const PluginEntry* next = nullptr;  // of the new manifest; nullptr: disabled
  std::string from;                   // version; empty: does not run
  std::string to;                     // the same
  std::string reason;                 // what differs, in words

  [[nodiscard]] bool is_upgrade() const { return kind == Kind::kReload && from != to; }
};

class ManifestDiff {
 public:
  // SHA-256 of a plugin's library as it is now.
  using Digest = std::function<std::string(const PluginEntry&)>;

  ManifestDiff(const std::vector<RunningPlugin>& running, const Manifest& next, const Digest& digest);

  // First what comes or is replaced, in load order, then what goes, dependents first.
  [[nodiscard]] const std::vector<PluginChange>& changes() const { return changes_; }

  [[nodiscard]] std::size_t unchanged() const { return unchanged_; }

  // What differs between two states of one plugin, in words: "configuration, library". Empty: nothing that needs a new
  // instance.
  static std::string WhatDiffers(const PluginEntry& now, const PluginEntry& next, bool is_other_library);

 private:
  std::vector<PluginChange> changes_;
  std::size_t unchanged_ = 0;
};

}  // namespace tutti::host
