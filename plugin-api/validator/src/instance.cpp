#include "instance.h"

namespace tutti::validator {
namespace {

ActiveInstance BringUp(const PluginFolder& folder, testing::FakeHostOptions options, Services services,
                       const HostShape* shape) {
  ActiveInstance instance;
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    instance.refusal = Outcome::Skip("the entry is not usable, see the case `entry`");
    return instance;
  }
  instance.host = std::make_unique<testing::FakeHost>(options);
  ProgramServices(*instance.host, services);
  if (shape != nullptr) {
    instance.watched = std::make_unique<WatchedHost>(*instance.host, **entry, *shape);
  }
  instance.plugin.emplace(*instance.host, shape != nullptr ? &WatchedHost::Create : (*entry)->create);
  if (!instance.plugin->status().ok()) {
    instance.refusal = Refused("create", instance.plugin->status());
    return instance;
  }
  Status status = instance.plugin->Init(folder.config);
  if (!status.ok()) {
    instance.refusal = Refused("init with the schema's defaults", status);
    return instance;
  }
  status = instance.plugin->Activate();
  if (!status.ok()) {
    instance.refusal = Refused("activate", status);
  }
  return instance;
}

}  // namespace

Outcome Refused(const char* step, const Status& status) {
  if (status.message().empty()) {
    return Outcome::Fail(std::string(step) + " answered " + status.ToString() +
                         "; expected a sentence that says what is missing");
  }
  return Outcome::Skip(std::string(step) + " was refused: " + std::string(status.message()));
}

ActiveInstance Activate(const PluginFolder& folder, testing::FakeHostOptions options, Services services) {
  return BringUp(folder, options, services, nullptr);
}

ActiveInstance ActivateWatched(const PluginFolder& folder, const HostShape& shape, testing::FakeHostOptions options,
                               Services services) {
  return BringUp(folder, options, services, &shape);
}

void Abandon(ActiveInstance instance) {
  static_cast<void>(new ActiveInstance(std::move(instance)));
}

}  // namespace tutti::validator
