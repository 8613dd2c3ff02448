#include "host/manifest/schema_view.h"

#include <rapidjson/pointer.h>

#include <algorithm>
#include <array>
#include <regex>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

constexpr int kMaxReferences = 16;

struct TypeName {
  SchemaView::Type type;
  std::string_view name;
  std::string_view words;
};

constexpr std::array<TypeName, 7> kTypeNames = {{
    {SchemaView::kNull, "null", "nothing"},
    {SchemaView::kBoolean, "boolean", "true or false"},
    {SchemaView::kInteger, "integer", "a whole number"},
    {SchemaView::kNumber, "number", "a number"},
    {SchemaView::kString, "string", "text"},
    {SchemaView::kArray, "array", "a list"},
    {SchemaView::kObject, "object", "a map"},
}};

unsigned TypeOfName(std::string_view name) {
  for (const TypeName& entry : kTypeNames) {
    if (entry.name == name) {
      return entry.type;
    }
  }
  return 0;
}

unsigned TypeOfValue(const rapidjson::Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType:
      return SchemaView::kNull;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return SchemaView::kBoolean;
    case rapidjson::kNumberType:
      return value.IsDouble() ? SchemaView::kNumber : SchemaView::kInteger;
    case rapidjson::kStringType:
      return SchemaView::kString;
    case rapidjson::kArrayType:
      return SchemaView::kArray;
    case rapidjson::kObjectType:
      return SchemaView::kObject;
  }
  return 0;
}

std::string Plain(const rapidjson::Value& value) {
  return value.IsString() ? std::string(value.GetString(), value.GetStringLength()) : JsonView(&value).Dump();
}

const rapidjson::Value* Follow(const rapidjson::Value* root, const rapidjson::Value* schema) {
  for (int i = 0; i < kMaxReferences && schema != nullptr && schema->IsObject(); ++i) {
    const std::string_view reference = JsonView(schema)["$ref"].AsString();
    if (reference.empty() || reference[0] != '#' || root == nullptr) {
      return schema;
    }
    const rapidjson::Pointer pointer(reference.data(), reference.size());
    schema = pointer.IsValid() ? pointer.Get(*root) : nullptr;
  }
  return schema;
}

bool Matches(const std::string& pattern, std::string_view key) {
  try {
    return std::regex_search(std::string(key), std::regex(pattern));
  } catch (const std::regex_error&) {
    return false;
  }
}

}  // namespace

SchemaView::SchemaView(const rapidjson::Value* root, const rapidjson::Value* schema)
    : root_(root), schema_(Follow(root, schema)) {}

const rapidjson::Value* SchemaView::Keyword(const char* name) const {
  return JsonView(schema_)[name].raw();
}

std::vector<SchemaView> SchemaView::Branches(bool with_conditions) const {
  std::vector<SchemaView> branches;
  for (const char* name : {"allOf", "anyOf", "oneOf"}) {
    JsonView(Keyword(name)).ForEach([&](JsonView branch) { branches.emplace_back(root_, branch.raw()); });
  }
  if (with_conditions) {
    for (const char* name : {"then", "else"}) {
      if (const rapidjson::Value* branch = Keyword(name)) {
        branches.emplace_back(root_, branch);
      }
    }
  }
  return branches;
}

unsigned SchemaView::Types() const {
  unsigned types = 0;
  if (const rapidjson::Value* type = Keyword("type")) {
    types |= TypeOfName(JsonView(type).AsString());
    JsonView(type).ForEach([&](JsonView name) { types |= TypeOfName(name.AsString()); });
    return types;
  }
  if (const rapidjson::Value* constant = Keyword("const")) {
    return TypeOfValue(*constant);
  }
  JsonView(Keyword("enum")).ForEach([&](JsonView value) { types |= TypeOfValue(*value.raw()); });
  if (types != 0) {
    return types;
  }
  for (const SchemaView& branch : Branches(false)) {
    types |= branch.Types();
  }
  if (types == 0 && Keyword("properties") != nullptr) {
    return kObject;
  }
  return types == 0 && Keyword("items") != nullptr ? unsigned{kArray} : types;
}

bool SchemaView::AllowsOtherKeys() const {
  if (const rapidjson::Value* additional = Keyword("additionalProperties")) {
    return !additional->IsFalse();
  }
  return KnownKeys().empty() && Keyword("properties") == nullptr;
}

std::vector<std::string> SchemaView::KnownKeys() const {
  std::vector<std::string> keys;
  const auto add = [&](std::string key) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      keys.push_back(std::move(key));
    }
  };
  JsonView(Keyword("properties")).ForEachMember([&](std::string_view key, JsonView) { add(std::string(key)); });
  for (const SchemaView& branch : Branches(true)) {
    for (std::string& key : branch.KnownKeys()) {
      add(std::move(key));
    }
  }
  return keys;
}

SchemaView::Property SchemaView::FindProperty(std::string_view key) const {
  if (const JsonView property = JsonView(Keyword("properties"))[key]) {
    return {true, property.raw()};
  }
  Property found;
  JsonView(Keyword("patternProperties")).ForEachMember([&](std::string_view pattern, JsonView schema) {
    if (!found.known && Matches(std::string(pattern), key)) {
      found = {true, schema.raw()};
    }
  });
  for (const SchemaView& branch : Branches(true)) {
    if (!found.known && JsonView(branch.Keyword("properties"))) {
      found = branch.FindProperty(key);
    }
  }
  if (found.known || !AllowsOtherKeys()) {
    return found;
  }
  const rapidjson::Value* additional = Keyword("additionalProperties");
  return {true, additional != nullptr && additional->IsObject() ? additional : nullptr};
}

SchemaView SchemaView::Item(std::size_t index) const {
  const rapidjson::Value* items = Keyword("items");
  if (items != nullptr && items->IsArray()) {
    return {root_, JsonView(items)[index].raw()};
  }
  if (items == nullptr) {
    for (const SchemaView& branch : Branches(false)) {
      if (branch.Keyword("items") != nullptr) {
        return branch.Item(index);
      }
    }
  }
  return {root_, items};
}

std::vector<std::string> SchemaView::Choices() const {
  std::vector<std::string> choices;
  JsonView(Keyword("enum")).ForEach([&](JsonView value) { choices.push_back(Plain(*value.raw())); });
  return choices;
}

std::string SchemaView::Range() const {
  std::string text;
  const auto add = [&](const char* keyword, std::string_view words) {
    if (const rapidjson::Value* bound = Keyword(keyword)) {
      text += (text.empty() ? " " : " and ") + std::string(words) + " " + Plain(*bound);
    }
  };
  add("minimum", "of at least");
  add("exclusiveMinimum", "of more than");
  add("maximum", text.empty() ? "of at most" : "at most");
  add("exclusiveMaximum", "less than");
  add("multipleOf", "a multiple of");
  if (Keyword("minLength") != nullptr && JsonView(Keyword("minLength")).AsInt() == 1) {
    text += " that is not empty";
  } else {
    add("minLength", "with a length of at least");
  }
  add("maxLength", "with a length of at most");
  add("pattern", "that matches");
  add("format", "in the format");
  add("minItems", "with at least this many items:");
  add("maxItems", "with at most this many items:");
  if (const rapidjson::Value* unique = Keyword("uniqueItems"); unique != nullptr && unique->IsTrue()) {
    text += " without repeated items";
  }
  return text;
}

std::string SchemaView::Expectation() const {
  if (const rapidjson::Value* constant = Keyword("const")) {
    return Plain(*constant);
  }
  if (const std::vector<std::string> choices = Choices(); !choices.empty()) {
    return (choices.size() == 1 ? "" : "one of ") + JoinNames(choices);
  }
  if (Keyword("type") == nullptr) {
    std::string text;
    for (const SchemaView& branch : Branches(false)) {
      text += (text.empty() ? "" : ", or ") + branch.Expectation();
    }
    if (!text.empty()) {
      return text;
    }
  }
  std::string text;
  const unsigned types = Types();
  for (const TypeName& entry : kTypeNames) {
    if ((types & entry.type) != 0) {
      text += (text.empty() ? "" : " or ") + std::string(entry.words);
    }
  }
  return (text.empty() ? "a value" : text) + Range();
}

}  // namespace tutti::host
