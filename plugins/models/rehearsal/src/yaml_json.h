// Turns the YAML of a script into the JSON of a tool's input.
#pragma once

#include <string>

#include "tutti/sdk/status.hpp"

namespace YAML {
class Node;
}

namespace tutti::rehearsal {

// Plain scalars become null, booleans and numbers as in YAML's core schema; quoted ones stay text. At most 32 levels.
Result<std::string> YamlToJson(const YAML::Node& node);

}  // namespace tutti::rehearsal
