// A command that was typed, up to the text for the model: arguments filled in, shell commands run.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "command_catalog.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::markdown_commands {

struct ExpansionLimits {
  std::size_t argument_bytes = 1U << 20U;
  std::size_t text_bytes = 4U << 20U;
  std::size_t shell_commands = 32;
};

struct ExpansionRequest {
  std::string name;       // with or without the slash
  std::string arguments;  // everything behind the name
  std::string session;    // may be empty
  bool is_by_model = false;
};

// The answer of slash.expand. NOT_FOUND: no such command. FAILED_PRECONDITION: its file cannot be used, or a shell
// command was refused or failed; then nothing goes to the model. PERMISSION_DENIED: it is not for who asks.
// INVALID_ARGUMENT: a bound. Shell commands run one after another on behalf of `parent`, through the tool Bash.
Task<Result<std::string>> Expand(Host host, tutti_call parent, std::shared_ptr<const CommandCatalog> catalog,
                                 ExpansionRequest request, ExpansionLimits limits);

}  // namespace tutti::markdown_commands
