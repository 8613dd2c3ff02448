// Slash commands that lie in files: another plugin reads and expands them, if there is one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/task.hpp"
#include "typed_command.h"

namespace tutti::orchestrator {

// What a command stands for.
struct ExpandedCommand {
  static ExpandedCommand FromJson(JsonView json);

  std::string text;                // the prompt
  std::string model;               // for this turn; empty: the usual one
  std::vector<std::string> tools;  // what this turn may use besides the usual ones
};

// `by` is "user" or "model". NOT_FOUND: there is no such command, or nobody who reads them; any other failure has a
// sentence for whoever typed it.
Task<Result<ExpandedCommand>> ExpandCommand(Host host, tutti_call parent, TypedCommand typed, std::string conversation,
                                            std::string by);

struct FileCommand {
  std::string name;  // without the slash
  std::string arguments;
  std::string description;
};

// In order of their names; without those that cannot be read.
Task<std::vector<FileCommand>> ListFileCommands(Host host, tutti_call parent);

}  // namespace tutti::orchestrator
