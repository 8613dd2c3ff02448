#include "host/server/exposure.h"

#include <string>

#include "host/server/loopback.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

Status CheckExposure(const Manifest& manifest, bool has_tokens) {
  if (has_tokens) {
    return {};
  }
  Status status;
  for (const PluginEntry& entry : manifest.plugins) {
    if (!entry.manifest.Serves("transport")) {
      continue;
    }
    const Result<Json> config = Json::Parse(entry.config_json);
    if (!config.ok()) {
      continue;
    }
    const auto check = [&](JsonView address) {
      if (address.is_string() && !IsLoopback(address.AsString())) {
        status = Status::FailedPrecondition(
            entry.manifest.id + " would listen on " + std::string(address.AsString()) +
            ", which other machines can reach, and host.gateway.tokens is empty: anybody there could run commands as "
            "you. Configure a token, or listen on 127.0.0.1 or [::1]");
      }
    };
    check((*config)["listen"]);
    (*config)["listen"].ForEach(check);
  }
  return status;
}

}  // namespace tutti::host
