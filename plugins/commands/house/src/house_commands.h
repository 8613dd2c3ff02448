// The commands of keeping house: their definitions, the request each is (tutti/abi/storage.h, MAINTENANCE), and the
// answer that becomes of its result. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::house {

struct HouseCommand {
  std::string definition;  // JSON, tutti/abi/command.h
  std::string verb;        // "export"
};

const std::vector<HouseCommand>& HouseCommands();

std::string RequestOf(std::string_view verb, JsonView args);

// An export's lines as they are, everything else as JSON.
Result<std::string> AnswerOf(std::string_view verb, std::string result);

}  // namespace tutti::house
