// A plugin of a folder in a fake host, brought as far as a case needs it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "folder.h"
#include "library.h"
#include "outcome.h"
#include "served.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::validator {

// Either active, or `refusal` says what the case has to answer.
struct ActiveInstance {
  std::unique_ptr<testing::FakeHost> host;
  std::optional<testing::LoadedPlugin> plugin;
  std::optional<Outcome> refusal;
};

// A refusal with a sentence is a skip: a database or a file that is not here is no fault of the plugin.
inline Outcome Refused(const char* step, const Status& status) {
  if (status.message().empty()) {
    return Outcome::Fail(std::string(step) + " answered " + status.ToString() +
                         "; expected a sentence that says what is missing");
  }
  return Outcome::Skip(std::string(step) + " was refused: " + std::string(status.message()));
}

inline ActiveInstance Activate(const PluginFolder& folder, testing::FakeHostOptions options, Services services) {
  ActiveInstance instance;
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    instance.refusal = Outcome::Skip("the entry is not usable, see the case `entry`");
    return instance;
  }
  instance.host = std::make_unique<testing::FakeHost>(options);
  ProgramServices(*instance.host, services);
  instance.plugin.emplace(*instance.host, (*entry)->create);
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

}  // namespace tutti::validator
