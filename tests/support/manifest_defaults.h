// The configuration a plugin gets when the operator sets nothing: the defaults of its plugin.yaml, as the host fills
// them in. For tests of plugins, which must not depend on the host.
#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>

#include "tutti/sdk/json.hpp"

namespace tutti::testing {

// What a scalar inside a list or an object is: YAML tells by its quotes and its look.
inline std::string ScalarType(const YAML::Node& value) {
  long long whole = 0;
  double number = 0;
  bool truth = false;
  if (value.Tag() == "!") {
    return "string";
  }
  return YAML::convert<long long>::decode(value, whole) ? "integer"
         : YAML::convert<double>::decode(value, number) ? "number"
         : YAML::convert<bool>::decode(value, truth)    ? "boolean"
                                                        : "string";
}

// `type` empty: as it looks.
inline void WriteTyped(const YAML::Node& value, const std::string& type, JsonWriter* writer) {
  if (value.IsSequence()) {
    writer->BeginArray();
    for (const YAML::Node& item : value) {
      WriteTyped(item, "", writer);
    }
    writer->EndArray();
  } else if (value.IsMap()) {
    writer->BeginObject();
    for (const auto& member : value) {
      writer->Key(member.first.as<std::string>());
      WriteTyped(member.second, "", writer);
    }
    writer->EndObject();
  } else if (type.empty()) {
    WriteTyped(value, ScalarType(value), writer);
  } else if (type == "integer") {
    writer->Value(value.as<long long>());
  } else if (type == "number") {
    writer->Value(value.as<double>());
  } else if (type == "boolean") {
    writer->Value(value.as<bool>());
  } else {
    writer->Value(value.as<std::string>());
  }
}

// `changes`: values as JSON that replace defaults, by key.
inline std::string ManifestDefaults(const std::string& manifest,
                                    const std::map<std::string, std::string>& changes = {}) {
  JsonWriter writer;
  writer.BeginObject();
  for (const auto& property : YAML::LoadFile(manifest)["config"]["properties"]) {
    const auto key = property.first.as<std::string>();
    if (const auto change = changes.find(key); change != changes.end()) {
      writer.Key(key).Raw(change->second);
    } else if (const YAML::Node value = property.second["default"]) {
      writer.Key(key);
      WriteTyped(value, property.second["type"].as<std::string>(), &writer);
    }
  }
  return writer.EndObject().Take();
}

}  // namespace tutti::testing
