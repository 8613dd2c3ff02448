// TypedCommand: a message that begins like "/name words", taken apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tutti::orchestrator {

struct TypedCommand {
  // nullopt: a message like any other. A name has letters, digits, '-', '_', '.' and ':' only, so that a message which
  // begins with a path is none.
  static std::optional<TypedCommand> Parse(std::string_view text);

  std::string name;       // without the slash
  std::string arguments;  // what follows the name, without blanks around it
};

}  // namespace tutti::orchestrator
