// The plugin's configuration, read in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

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

// Takes the key from a secret's text, without white space around it. INVALID_ARGUMENT, without the text, when it could
// not stand in a header.
Status ReadApiKey(std::string_view secret, ClientSettings& client);

}  // namespace tutti::anthropic
