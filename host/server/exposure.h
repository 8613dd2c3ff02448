#pragma once

#include "host/manifest/manifest.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Whoever reaches the server may run commands on this machine, so only loopback goes without a token. `has_tokens`: the
// server that runs asks for one, whatever the manifest says by now.
[[nodiscard]] Status CheckExposure(const Manifest& manifest, bool has_tokens);

}  // namespace tutti::host
