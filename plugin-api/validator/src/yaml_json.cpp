#include "yaml_json.h"

#include <yaml-cpp/yaml.h>

#include <cmath>
#include <cstdint>

#include "tutti/sdk/json.hpp"

namespace tutti::validator {
namespace {

// ${NAME} and ${NAME:-default}, as in the host's manifest. Directories are the one a case works in, and nothing else is
// set, so that a plugin gets what it would get on a machine that says nothing.
std::string Expand(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = text.find("${", i);
    const std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) {
      return out + text.substr(i);
    }
    out += text.substr(i, begin - i);
    const std::string inside = text.substr(begin + 2, end - begin - 2);
    const std::size_t colon = inside.find(":-");
    const std::string name = inside.substr(0, colon);
    if (name == "TUTTI_DATA" || name == "TUTTI_CWD" || name == "HOME") {
      out += ".";
    } else if (colon != std::string::npos) {
      out += inside.substr(colon + 2);
    }
    i = end + 1;
  }
  return out;
}

void WriteScalar(const YAML::Node& scalar, JsonWriter& writer) {
  const std::string text = Expand(scalar.Scalar());
  if (scalar.Tag() == "!") {
    writer.Value(text);
    return;
  }
  const YAML::Node node(text);
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
