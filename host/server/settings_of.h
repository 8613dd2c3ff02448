#pragma once

#include <memory>

#include "host/isolation/process_plugins.h"
#include "host/logging/logger.h"
#include "host/manifest/host_settings.h"
#include "host/services/core.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// What each room is told of the manifest's `host` section.
[[nodiscard]] Result<std::unique_ptr<Logger>> MakeLogger(const LogSettings& settings);
// Errors: a token that names a secret which is not to be found.
[[nodiscard]] Result<CoreSettings> CoreSettingsOf(const HostSettings& host);
// `tick` is how often time limits are looked at.
[[nodiscard]] ProcessPlugins::Settings ProcessSettingsOf(const HostSettings& host, std::chrono::milliseconds tick);

}  // namespace tutti::host
