#include "yaml_json.h"

#include <yaml-cpp/yaml.h>

#include <cmath>
#include <cstdint>

#include "tutti/sdk/json.hpp"

namespace tutti::validator {
namespace {

void WriteScalar(const YAML::Node& node, JsonWriter& writer) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") {
    writer.Value(text);
    return;
  }
  if (text.empty() || text == "~" || text == "null") {
    writer.Value(nullptr);
    return;
  }
  if (text == "true" || text == "false") {
    writer.Value(text == "true");
    return;
  }
  std::int64_t integer = 0;
  double number = 0;
  if (YAML::convert<std::int64_t>::decode(node, integer)) {
    writer.Value(integer);
  } else if (YAML::convert<double>::decode(node, number) && std::isfinite(number)) {
    writer.Value(number);
  } else {
    writer.Value(text);
  }
}

void WriteNode(const YAML::Node& node, JsonWriter& writer) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      writer.BeginObject();
      for (const auto& member : node) {
        writer.Key(member.first.Scalar());
        WriteNode(member.second, writer);
      }
      writer.EndObject();
      return;
    case YAML::NodeType::Sequence:
      writer.BeginArray();
      for (const auto& item : node) {
        WriteNode(item, writer);
      }
      writer.EndArray();
      return;
    case YAML::NodeType::Scalar:
      WriteScalar(node, writer);
      return;
    default:
      writer.Value(nullptr);
  }
}

}  // namespace

std::string YamlToJson(const YAML::Node& node) {
  JsonWriter writer;
  WriteNode(node, writer);
  return writer.Take();
}

std::string DefaultsOf(const YAML::Node& schema) {
  JsonObject object;
  if (schema.IsMap() && schema["properties"] && schema["properties"].IsMap()) {
    for (const auto& property : schema["properties"]) {
      const std::string& name = property.first.Scalar();
      const YAML::Node& value = property.second;
      if (!value.IsMap()) {
        continue;
      }
      if (value["default"]) {
        object.Raw(name, YamlToJson(value["default"]));
        continue;
      }
      const std::string nested = DefaultsOf(value);
      if (nested != "{}") {
        object.Raw(name, nested);
      }
    }
  }
  return object.Take();
}

}  // namespace tutti::validator
