#include "host/containment/plugin_tag.h"

#include <deque>
#include <mutex>
#include <utility>

namespace tutti::host {

PluginTag& KeepPluginTag(std::string id, std::string version) {
  struct Kept {
    std::mutex mutex;
    std::deque<PluginTag> tags;  // guarded by mutex; addresses are stable
  };

  // Not destroyed at exit: a thread that a plugin never gave back may still read it.
  static Kept& kept = *new Kept;
  const std::lock_guard lock(kept.mutex);
  return kept.tags.emplace_back(std::move(id), std::move(version));
}

}  // namespace tutti::host
