// The plugin's configuration, read in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "client.h"
#include "tutti/sdk/status.hpp"

namespace tutti {
class JsonView;
}

namespace tutti::anthropic {

struct Settings {
  ClientSettings client;  // without the key
  ModelTable models;
  std::string api_key_reference;
  std::size_t max_concurrent = 16;
  std::size_t max_queued = 64;
  std::chrono::milliseconds emit_timeout{30000};
};

// `config` as plugin.yaml describes it; what is absent has its default.
Result<Settings> ReadSettings(const JsonView& config);

}  // namespace tutti::anthropic
