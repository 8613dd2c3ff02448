// What is known of a plugin, for people and programs that look at the server: PLUGIN of tutti/abi/admin.h.
//
// Plain values. The functions: control thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/lifecycle/fleet.h"

namespace tutti::host {

struct PluginView {
  std::string id;
  std::string version;
  std::vector<std::string> kinds;
  std::string summary;
  std::string state;
  std::string reason;
  std::string isolation;  // empty: it has no entry that would say
  std::string confinement;
  std::string sha256;
  std::uint64_t calls = 0;
  std::uint64_t restarts = 0;
  bool is_pinned = false;

  [[nodiscard]] std::string ToJson() const;
};

// What runs or failed, then what does not come to rest, then what is installed besides. Reads the manifest.
std::vector<PluginView> ViewAll(const Fleet& fleet);

// NOT_FOUND: nothing of that id is installed.
Result<PluginView> ViewOne(const Fleet& fleet, const std::string& id);

}  // namespace tutti::host
