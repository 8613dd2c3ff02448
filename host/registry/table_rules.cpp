#include "host/registry/table_rules.h"

#include <cstdint>
#include <cstring>
#include <string>

namespace tutti::host {

Status CheckPluginObject(const tutti_plugin* plugin, std::size_t room) {
  if (plugin->size > room) {
    return Status::FailedPrecondition("expected at most " + std::to_string(room) +
                                      " bytes in the tutti_plugin that create fills, found size " +
                                      std::to_string(plugin->size) + "; it must not fill more than the host's `size`");
  }
  if (!TUTTI_HAS(plugin, tutti_plugin, get_extension)) {
    return Status::FailedPrecondition("expected at least " + std::to_string(sizeof(tutti_plugin)) +
                                      " bytes in the tutti_plugin that create fills, found size " +
                                      std::to_string(plugin->size) + "; set `size` to sizeof(tutti_plugin)");
  }
  if (plugin->init == nullptr || plugin->activate == nullptr || plugin->deactivate == nullptr ||
      plugin->destroy == nullptr || plugin->get_extension == nullptr) {
    return Status::FailedPrecondition(
        "expected init, activate, deactivate, destroy and get_extension in the tutti_plugin that create fills, found a "
        "NULL among them");
  }
  return {};
}

Status CheckTable(const void* table, const char* id, std::size_t needed, Functions functions) {
  std::uint32_t size = 0;
  std::memcpy(&size, table, sizeof size);
  if (size < needed) {
    return Status::FailedPrecondition("expected a table of at least " + std::to_string(needed) + " bytes under " + id +
                                      ", found size " + std::to_string(size) + "; set its `size` to sizeof");
  }
  for (std::size_t at = sizeof(void*); functions == Functions::kAll && at < needed; at += sizeof(void*)) {
    void* function = nullptr;
    std::memcpy(&function, static_cast<const char*>(table) + at, sizeof function);
    if (function == nullptr) {
      return Status::FailedPrecondition(std::string("expected every function in the table under ") + id +
                                        ", found NULL at byte " + std::to_string(at));
    }
  }
  return {};
}

}  // namespace tutti::host
