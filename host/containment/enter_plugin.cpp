#include "host/containment/enter_plugin.h"

namespace tutti::host {

std::string DescribeThrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

Status AfterThrow(const PluginTag& plugin, const PluginOperation& operation, std::string_view detail,
                  PluginConduct* conduct) {
  std::string what = "the plugin " + plugin.id + " let an exception out of " + operation.name;
  if (!detail.empty()) {
    what.append(" ").append(detail);
  }
  what += ": " + DescribeThrown();
  if (conduct != nullptr) {
    conduct->Strike(plugin.id, "threw", what);
  }
  return Status::Internal(what);
}

}  // namespace tutti::host
