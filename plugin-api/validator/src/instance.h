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
#include "watched_host.h"

namespace tutti::validator {

// Either active, or `refusal` says what the case has to answer.
struct ActiveInstance {
  std::unique_ptr<testing::FakeHost> host;
  std::unique_ptr<WatchedHost> watched;  // empty when the case does not look
  std::optional<testing::LoadedPlugin> plugin;
  std::optional<Outcome> refusal;
};

// A refusal with a sentence is a skip: a database or a file that is not here is no fault of the plugin.
Outcome Refused(const char* step, const Status& status);

ActiveInstance Activate(const PluginFolder& folder, testing::FakeHostOptions options, Services services);

// The same with a WatchedHost between, which looks as told.
ActiveInstance ActivateWatched(const PluginFolder& folder, const HostShape& shape = {},
                               testing::FakeHostOptions options = {}, Services services = Services::kAnswer);

// Leaves what cannot be taken down, because a call or a thread of the plugin is still in it.
void Abandon(ActiveInstance instance);

}  // namespace tutti::validator
