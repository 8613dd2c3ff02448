#include "host/lifecycle/fleet.h"

#include <map>
#include <utility>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

Fleet::Fleet(Core& with, Manifest from, LifecycleOptions how)
    : core(with),
      manifest(std::move(from)),
      options(std::move(how)),
      schemas(core),
      routes(core, slots),
      listeners(core, options.on_addresses),
      retirement(core, [this](std::string_view id) { return slots.IsActive(id); }),
      starter(core, options, slots, schemas, retirement) {}

void Fleet::Install(PluginSlot& slot, const PluginEntry& entry, InstancePtr instance) {
  slot.entry = entry;
  slot.plugin = std::move(instance);
  slot.state = PluginSlot::State::kActive;
  slot.reason.clear();
  slot.waits_for.clear();
  UpdateRoutes();
}

void Fleet::Retire(InstancePtr old, const Drain& drain) {
  const PluginInstance* const plugin = old.get();
  // A call that switches off what it runs in goes on meanwhile; everybody else waits until the plugin has come to rest.
  const bool is_own =
      drain.caller != nullptr && (CallTable::IsBelow(*drain.caller, old->gate()) || old->transport() != nullptr);
  retirement.Add(std::move(old), drain.limit.value_or(options.settings.drain), drain.cancel && !is_own);
  if (!is_own) {
    retirement.Await(plugin, options.is_interrupted);
  }
}

void Fleet::Fail(PluginSlot& slot, std::string reason) {
  slot.state = PluginSlot::State::kFailed;
  slot.reason = std::move(reason);
  slot.plugin = nullptr;
  UpdateRoutes();
}

void Fleet::CountStates() {
  std::map<std::string, int> counts{{"active", 0}, {"failed", 0}, {"quarantined", 0}, {"zombie", 0}};
  for (const PluginSlot& slot : slots) {
    ++counts[slot.state_name()];
  }
  for (const Retirement::Retired& retired : retirement.retired()) {
    counts["zombie"] += retired.is_zombie ? 1 : 0;
  }
  for (const auto& [state, count] : counts) {
    core.metrics.Set({}, "plugins", JsonObject()("state", state).Take(), count);
  }
}

}  // namespace tutti::host
