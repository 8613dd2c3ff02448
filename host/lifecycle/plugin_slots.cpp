#include "host/lifecycle/plugin_slots.h"

#include <algorithm>

namespace tutti::host {

const char* PluginSlot::state_name() const {
  switch (state) {
    case State::kActive:
      return "active";
    case State::kFailed:
      return "failed";
    default:
      return "quarantined";
  }
}

InstancePtr PluginSlots::Take(std::string_view id) {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [id](const PluginSlot& slot) { return slot.entry.manifest.id == id; });
  if (found == slots_.end()) {
    return nullptr;
  }
  InstancePtr plugin = std::move(found->plugin);
  slots_.erase(found);
  return plugin;
}

const PluginSlot* PluginSlots::Find(std::string_view id) const {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [id](const PluginSlot& slot) { return slot.entry.manifest.id == id; });
  return found == slots_.end() ? nullptr : &*found;
}

PluginSlot* PluginSlots::Find(std::string_view id) {
  return const_cast<PluginSlot*>(std::as_const(*this).Find(id));
}

bool PluginSlots::IsActive(std::string_view id) const {
  const PluginSlot* slot = Find(id);
  return slot != nullptr && slot->is_active();
}

std::vector<InstancePtr> PluginSlots::Active() const {
  std::vector<InstancePtr> active;
  for (const PluginSlot& slot : slots_) {
    if (slot.is_active()) {
      active.push_back(slot.plugin);
    }
  }
  return active;
}

std::vector<std::string> PluginSlots::DependentsOf(const std::string& id) const {
  std::vector<std::string> dependents;
  for (const PluginSlot& slot : slots_) {
    const auto& needs = slot.entry.dependencies;
    if (slot.is_active() && std::find(needs.begin(), needs.end(), id) != needs.end()) {
      dependents.push_back(slot.entry.manifest.id);
    }
  }
  return dependents;
}

void PluginSlots::Sort(const Manifest& order) {
  const auto place = [&order](const PluginSlot& slot) {
    const auto found = std::find_if(order.plugins.begin(), order.plugins.end(), [&](const PluginEntry& entry) {
      return entry.manifest.id == slot.entry.manifest.id;
    });
    return found - order.plugins.begin();
  };
  std::stable_sort(slots_.begin(), slots_.end(),
                   [&](const PluginSlot& a, const PluginSlot& b) { return place(a) < place(b); });
}

}  // namespace tutti::host
