#include "yaml_json.h"

#include <yaml-cpp/yaml.h>

#include <cmath>

#include "tutti/sdk/json.hpp"

namespace tutti::rehearsal {
namespace {

constexpr int kMaxDepth = 32;

void WriteScalar(const YAML::Node& node, JsonWriter& writer) {
  // yaml-cpp tags quoted scalars "!" and plain ones "?".
  if (node.Tag() == "!") {
    writer.Value(node.Scalar());
    return;
  }
  bool flag = false;
  std::int64_t integer = 0;
  double number = 0;
  if (YAML::convert<bool>::decode(node, flag)) {
    writer.Value(flag);
  } else if (YAML::convert<std::int64_t>::decode(node, integer)) {
    writer.Value(integer);
  } else if (YAML::convert<double>::decode(node, number) && std::isfinite(number)) {
    writer.Value(number);
  } else {
    writer.Value(node.Scalar());
  }
}

bool Write(const YAML::Node& node, JsonWriter& writer, int depth) {
  if (depth > kMaxDepth) {
    return false;
  }
  bool ok = true;
  if (node.IsMap()) {
    writer.BeginObject();
    for (const auto& member : node) {
      writer.Key(member.first.Scalar());
      ok = ok && Write(member.second, writer, depth + 1);
    }
    writer.EndObject();
  } else if (node.IsSequence()) {
    writer.BeginArray();
    for (const auto& item : node) {
      ok = ok && Write(item, writer, depth + 1);
    }
    writer.EndArray();
  } else if (node.IsScalar()) {
    WriteScalar(node, writer);
  } else {
    writer.Value(nullptr);
  }
  return ok;
}

}  // namespace

Result<std::string> YamlToJson(const YAML::Node& node) {
  JsonWriter writer;
  if (!Write(node, writer, 0)) {
    return Status::InvalidArgument("expected at most " + std::to_string(kMaxDepth) + " levels of nesting");
  }
  return writer.Take();
}

}  // namespace tutti::rehearsal
