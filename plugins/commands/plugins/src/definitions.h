// The commands of this plugin: their definitions and the operation each stands for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::plugins {

struct ManagedCommand {
  std::string definition;  // as in tutti/abi/command.h
  std::string operation;   // "do" of tutti/abi/admin.h
};

const std::vector<ManagedCommand>& ManagedCommands();

// The operation with the arguments beside "do".
std::string OperationOf(std::string_view operation, JsonView args);

}  // namespace tutti::plugins
