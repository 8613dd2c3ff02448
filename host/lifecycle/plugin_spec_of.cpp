#include "host/lifecycle/plugin_spec_of.h"

namespace tutti::host {

PluginSpec PluginSpecOf(const PluginEntry& entry) {
  PluginSpec spec;
  spec.id = entry.manifest.id;
  spec.version = entry.manifest.version.ToString();
  spec.library = entry.manifest.library;
  spec.kinds = entry.manifest.kinds;
  spec.config = entry.config_json;
  spec.storage = entry.storage_json;
  for (const auto& [point, modes] : entry.manifest.points) {
    for (const PointMode mode : modes) {
      spec.points[point].emplace_back(ToString(mode));
    }
  }
  spec.order = entry.order;
  spec.order.insert(entry.manifest.order.begin(), entry.manifest.order.end());
  spec.deny_on_fault = entry.on_fault.deny;
  spec.allow_on_fault = entry.on_fault.allow;
  spec.call_timeout = entry.limits.call_timeout.value_or(std::chrono::milliseconds(0));
  spec.hook_timeout = entry.limits.hook_timeout.value_or(std::chrono::milliseconds(0));
  if (entry.limits.max_running) {
    spec.max_running = static_cast<std::uint64_t>(*entry.limits.max_running);
  }
  spec.required = entry.required;
  spec.priority = entry.priority;
  spec.sha256 = entry.trust.library_sha256;
  spec.grants = entry.grants;
  spec.isolation = entry.isolation;
  spec.min_confinement = entry.min_confinement;
  spec.process = entry.process;
  spec.refusal = entry.trust.refusal;
  return spec;
}

}  // namespace tutti::host
