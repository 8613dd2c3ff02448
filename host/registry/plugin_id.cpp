#include "host/registry/plugin_id.h"

#include <mutex>
#include <set>
#include <string>

namespace tutti::host {

std::string_view InternPluginId(std::string_view id) {
  static std::mutex mutex;
  // Never destroyed: calls may name plugins while the process ends.
  static auto* const ids = new std::set<std::string, std::less<>>;
  const std::lock_guard lock(mutex);
  const auto found = ids->find(id);
  return found != ids->end() ? *found : *ids->emplace(id).first;
}

}  // namespace tutti::host
