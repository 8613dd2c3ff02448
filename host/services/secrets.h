// What "secret://NAME" stands for: the environment variable NAME, or else the file NAME in $TUTTI_SECRETS.
//
// Threads: any; the environment is not changed after start.
#pragma once

#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

class Secrets {
 public:
  // NOT_FOUND when it is neither. Names are letters, digits, '_', '-' and '.', so a reference never leaves the
  // directory.
  [[nodiscard]] Result<std::string> Find(std::string_view reference) const;
};

}  // namespace tutti::host
