#include "host/lifecycle/plugin_starter.h"

#include <chrono>
#include <memory>
#include <utility>

#include "host/lifecycle/plugin_spec_of.h"

namespace tutti::host {

namespace {

// How long a plugin that was taken back after its activation may take to come to rest.
constexpr std::chrono::milliseconds kDrain{2000};

}  // namespace

Result<InstancePtr> PluginStarter::Make(const PluginEntry& entry) {
  auto instance =
      std::make_shared<PluginInstance>(PluginSpecOf(entry), &core_, &FindService, &core_.conduct, options_.life_thread);
  Status status = options_.create(*instance);
  if (status.ok()) {
    status = instance->Init();
  }
  if (!status.ok()) {
    // What it began until then may still be on its way.
    Discard(std::move(instance));
    return status;
  }
  return instance;
}

Status PluginStarter::CheckDependencies(const PluginEntry& entry, std::string* waits_for) const {
  for (const std::string& needed : entry.dependencies) {
    if (!slots_.IsActive(needed)) {
      if (waits_for != nullptr) {
        *waits_for = needed;
      }
      return Status::FailedPrecondition("it needs " + needed + ", which is not running");
    }
  }
  return {};
}

Status PluginStarter::Bring(const PluginEntry& entry, const InstancePtr& instance) {
  if (!entry.storage_json.empty()) {
    const RoutingTablePtr table = core_.routes.Get();
    PluginInstance* storage = table == nullptr ? nullptr : table->storage();
    if (storage == nullptr) {
      return Status::FailedPrecondition("it owns tables, and no storage plugin is running");
    }
    if (Status status = schemas_.Ensure(*storage, entry.storage_json); !status.ok()) {
      return status;
    }
  }
  if (instance->transport() != nullptr) {
    core_.transports.Add(*instance);
  }
  return instance->Activate();
}

void PluginStarter::Discard(InstancePtr instance) {
  retirement_.Add(std::move(instance), kDrain, true);
}

void PluginStarter::DiscardAndAwait(InstancePtr instance) {
  const PluginInstance* const plugin = instance.get();
  Discard(std::move(instance));
  retirement_.Await(plugin, options_.is_interrupted);
}

}  // namespace tutti::host
