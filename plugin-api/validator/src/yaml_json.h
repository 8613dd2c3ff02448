// YAML as JSON text, and the configuration that a plugin's schema yields by itself.
#pragma once

#include <string>

namespace YAML {
class Node;
}

namespace tutti::validator {

// Plain scalars are typed by the YAML 1.2 core schema; quoted ones are strings.
std::string YamlToJson(const YAML::Node& node);

// The object that results when only the defaults of a JSON Schema are filled in, recursively.
std::string DefaultsOf(const YAML::Node& schema);

}  // namespace tutti::validator
