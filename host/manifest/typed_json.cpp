#include "host/manifest/typed_json.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

using Allocator = rapidjson::Document::AllocatorType;

constexpr int kMaxDefaultDepth = 32;

rapidjson::Value Text(std::string_view text, Allocator& allocator) {
  return rapidjson::Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator);
}

bool ParseInteger(std::string_view text, std::int64_t& value) {
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool ParseNumber(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

bool IsNullWord(const Node& node) {
  return !node.quoted && (node.text.empty() || node.text == "null" || node.text == "~" || node.text == "Null");
}

// False when the text is none of the wanted types.
bool TypeScalar(const Node& node, unsigned types, rapidjson::Value& out, Allocator& allocator) {
  const bool any = types == 0;
  const auto wants = [&](SchemaView::Type type) { return any ? !node.quoted : (types & type) != 0; };
  if (node.quoted && (any || (types & SchemaView::kString) != 0)) {
    out = Text(node.text, allocator);
    return true;
  }
  std::int64_t integer = 0;
  if ((wants(SchemaView::kInteger) || wants(SchemaView::kNumber)) && ParseInteger(node.text, integer)) {
    out.SetInt64(integer);
    return true;
  }
  double number = 0;
  if (wants(SchemaView::kNumber) && ParseNumber(node.text, number)) {
    out.SetDouble(number);
    return true;
  }
  if (wants(SchemaView::kBoolean) && (node.text == "true" || node.text == "false")) {
    out.SetBool(node.text == "true");
    return true;
  }
  if (wants(SchemaView::kNull) && IsNullWord(node)) {
    out.SetNull();
    return true;
  }
  if (any || (types & SchemaView::kString) != 0) {
    out = Text(node.text, allocator);
    return true;
  }
  return false;
}

void ReportType(const Node& node, const SchemaView& schema, Problems& problems) {
  problems.push_back(ProblemAt(node, "expected " + schema.Expectation() + ", found " + Describe(node),
                               node.is_scalar() ? Nearest(node.text, schema.Choices()) : std::string()));
}

rapidjson::Value TypeNull(const Node& node, const SchemaView& schema, const std::string& at, KnownFaults& faults,
                          Problems& problems) {
  const unsigned types = schema.Types();
  if (types == 0 || (types & SchemaView::kNull) != 0) {
    return rapidjson::Value();
  }
  if ((types & SchemaView::kObject) != 0) {
    return rapidjson::Value(rapidjson::kObjectType);
  }
  if ((types & SchemaView::kArray) != 0) {
    return rapidjson::Value(rapidjson::kArrayType);
  }
  ReportType(node, schema, problems);
  faults.insert(at);
  return rapidjson::Value();
}

void WritePlain(const Node& node, JsonWriter& writer, Allocator& allocator) {
  switch (node.kind) {
    case Node::Kind::kNull:
      writer.Value(nullptr);
      return;
    case Node::Kind::kScalar: {
      rapidjson::Value value;
      TypeScalar(node, 0, value, allocator);
      writer.Value(value);
      return;
    }
    case Node::Kind::kSequence:
      writer.BeginArray();
      for (const Node& item : node.items) {
        WritePlain(item, writer, allocator);
      }
      writer.EndArray();
      return;
    case Node::Kind::kMap:
      writer.BeginObject();
      for (const Member& member : node.members) {
        writer.Key(member.key);
        WritePlain(member.value, writer, allocator);
      }
      writer.EndObject();
      return;
  }
}

void ExpandTexts(rapidjson::Value& value, const Variables& variables, const Node& owner, Problems& problems,
                 Allocator& allocator) {
  if (value.IsString()) {
    const std::string_view text(value.GetString(), value.GetStringLength());
    if (text.find("${") == std::string_view::npos) {
      return;
    }
    Expansion expansion = Expand(text, variables);
    for (VariableError& error : expansion.errors) {
      problems.push_back(ProblemAt(owner, "in a default of the schema: " + error.message, std::move(error.nearest)));
    }
    value = Text(expansion.text, allocator);
  } else if (value.IsArray()) {
    for (auto& item : value.GetArray()) {
      ExpandTexts(item, variables, owner, problems, allocator);
    }
  } else if (value.IsObject()) {
    for (auto& member : value.GetObject()) {
      ExpandTexts(member.value, variables, owner, problems, allocator);
    }
  }
}

bool HasRequired(const rapidjson::Value& value, const SchemaView& schema) {
  bool complete = true;
  JsonView(schema.raw())["required"].ForEach(
      [&](JsonView key) { complete = complete && static_cast<bool>(JsonView(&value)[key.AsString()]); });
  return complete;
}

class Filler {
 public:
  Filler(const Variables* variables, const Node& owner, Problems& problems, Allocator& allocator)
      : variables_(variables), owner_(owner), problems_(problems), allocator_(allocator) {}

  void Fill(rapidjson::Value& value, const SchemaView& schema, int depth) {
    if (depth > kMaxDefaultDepth) {
      return;
    }
    if (value.IsArray()) {
      std::size_t index = 0;
      for (auto& item : value.GetArray()) {
        Fill(item, schema.Item(index++), depth + 1);
      }
    }
    if (!value.IsObject()) {
      return;
    }
    JsonView(schema.raw())["properties"].ForEachMember([&](std::string_view key, JsonView property) {
      if (!JsonView(&value)[key]) {
        AddMissing(value, key, SchemaView(schema.root(), property.raw()), depth);
      }
    });
    for (auto& member : value.GetObject()) {
      Fill(member.value, schema.At({member.name.GetString(), member.name.GetStringLength()}), depth + 1);
    }
    JsonView(schema.raw())["allOf"].ForEach(
        [&](JsonView branch) { Fill(value, SchemaView(schema.root(), branch.raw()), depth + 1); });
  }

 private:
  void AddMissing(rapidjson::Value& value, std::string_view key, const SchemaView& property, int depth) {
    rapidjson::Value added;
    if (const JsonView fallback = JsonView(property.raw())["default"]) {
      added.CopyFrom(*fallback.raw(), allocator_);
      if (variables_ != nullptr) {
        ExpandTexts(added, *variables_, owner_, problems_, allocator_);
      }
    } else if (property.Types() == SchemaView::kObject) {
      added.SetObject();
      Fill(added, property, depth + 1);
      if (added.ObjectEmpty() || !HasRequired(added, property)) {
        return;
      }
    } else {
      return;
    }
    value.AddMember(Text(key, allocator_), added, allocator_);
  }

  const Variables* variables_;
  const Node& owner_;
  Problems& problems_;
  Allocator& allocator_;
};

}  // namespace

rapidjson::Value TypeBySchema(const Node& node, const SchemaView& schema, const std::string& at, KnownFaults& faults,
                              Problems& problems, Allocator& allocator) {
  const unsigned types = schema.Types();
  const auto wrong_type = [&] {
    ReportType(node, schema, problems);
    faults.insert(at);
    return rapidjson::Value();
  };
  rapidjson::Value value;
  switch (node.kind) {
    case Node::Kind::kNull:
      return TypeNull(node, schema, at, faults, problems);
    case Node::Kind::kScalar:
      if (!TypeScalar(node, types, value, allocator)) {
        return wrong_type();
      }
      return value;
    case Node::Kind::kSequence:
      if (types != 0 && (types & SchemaView::kArray) == 0) {
        return wrong_type();
      }
      value.SetArray();
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        value.PushBack(TypeBySchema(node.items[i], schema.Item(i), at + "[" + std::to_string(i) + "]", faults, problems,
                                    allocator),
                       allocator);
      }
      return value;
    case Node::Kind::kMap:
      break;
  }
  if (types != 0 && (types & SchemaView::kObject) == 0) {
    return wrong_type();
  }
  value.SetObject();
  for (const Member& member : node.members) {
    const SchemaView::Property property = schema.FindProperty(member.key);
    if (!property.known) {
      problems.push_back(UnknownKey(member, schema.KnownKeys()));
      continue;
    }
    const std::string inner = at + "[" + member.key + "]";
    rapidjson::Value child =
        TypeBySchema(member.value, {schema.root(), property.schema}, inner, faults, problems, allocator);
    if (!faults.contains(inner)) {
      value.AddMember(Text(member.key, allocator), child, allocator);
    }
  }
  return value;
}

void FindUnknownKeys(const Node& node, const SchemaView& schema, Problems& problems) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    FindUnknownKeys(node.items[i], schema.Item(i), problems);
  }
  for (const Member& member : node.members) {
    const SchemaView::Property property = schema.FindProperty(member.key);
    if (!property.known) {
      problems.push_back(UnknownKey(member, schema.KnownKeys()));
      continue;
    }
    FindUnknownKeys(member.value, {schema.root(), property.schema}, problems);
  }
}

void FillDefaults(rapidjson::Value& value, const SchemaView& schema, const Variables* variables, const Node& owner,
                  Problems& problems, Allocator& allocator) {
  Filler(variables, owner, problems, allocator).Fill(value, schema, 0);
}

std::string ToJson(const Node& node) {
  rapidjson::Document scratch;
  JsonWriter writer;
  WritePlain(node, writer, scratch.GetAllocator());
  return writer.Take();
}

}  // namespace tutti::host
