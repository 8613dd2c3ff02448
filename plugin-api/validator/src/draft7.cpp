#include "draft7.h"

#include <rapidjson/pointer.h>

#include <array>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <string_view>

namespace tutti::validator {
namespace {

enum class Form {
  kSchema,
  kSchemas,       // array of at least one
  kNamedSchemas,  // object of schemas
  kItems,         // schema, or array of schemas
  kDependencies,  // object of schemas or arrays of names
  kNames,         // array of different texts
  kText,
  kPattern,
  kBool,
  kNumber,
  kPositive,  // number above 0
  kCount,     // whole number of at least 0
  kArray,
  kValues,  // array of at least one
  kType,
  kReference,
  kAny,
};

const std::map<std::string_view, Form>& Keywords() {
  static const std::map<std::string_view, Form> keywords{
      {"$id", Form::kText},
      {"$schema", Form::kText},
      {"$ref", Form::kReference},
      {"$comment", Form::kText},
      {"title", Form::kText},
      {"description", Form::kText},
      {"default", Form::kAny},
      {"readOnly", Form::kBool},
      {"writeOnly", Form::kBool},
      {"examples", Form::kArray},
      {"multipleOf", Form::kPositive},
      {"maximum", Form::kNumber},
      {"exclusiveMaximum", Form::kNumber},
      {"minimum", Form::kNumber},
      {"exclusiveMinimum", Form::kNumber},
      {"maxLength", Form::kCount},
      {"minLength", Form::kCount},
      {"pattern", Form::kPattern},
      {"additionalItems", Form::kSchema},
      {"items", Form::kItems},
      {"maxItems", Form::kCount},
      {"minItems", Form::kCount},
      {"uniqueItems", Form::kBool},
      {"contains", Form::kSchema},
      {"maxProperties", Form::kCount},
      {"minProperties", Form::kCount},
      {"required", Form::kNames},
      {"additionalProperties", Form::kSchema},
      {"definitions", Form::kNamedSchemas},
      {"properties", Form::kNamedSchemas},
      {"patternProperties", Form::kNamedSchemas},
      {"dependencies", Form::kDependencies},
      {"propertyNames", Form::kSchema},
      {"const", Form::kAny},
      {"enum", Form::kValues},
      {"type", Form::kType},
      {"format", Form::kText},
      {"contentMediaType", Form::kText},
      {"contentEncoding", Form::kText},
      {"if", Form::kSchema},
      {"then", Form::kSchema},
      {"else", Form::kSchema},
      {"allOf", Form::kSchemas},
      {"anyOf", Form::kSchemas},
      {"oneOf", Form::kSchemas},
      {"not", Form::kSchema},
  };
  return keywords;
}

// What a later draft calls something that draft 7 has under another name, or not at all.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kLater{{
    {"$defs", "definitions"},
    {"$anchor", "$id"},
    {"$recursiveRef", "$ref"},
    {"$dynamicRef", "$ref"},
    {"$vocabulary", ""},
    {"dependentRequired", "dependencies"},
    {"dependentSchemas", "dependencies"},
    {"unevaluatedItems", "additionalItems"},
    {"unevaluatedProperties", "additionalProperties"},
    {"minContains", ""},
    {"maxContains", ""},
    {"prefixItems", "items"},
}};

constexpr std::array kTypes{"null", "boolean", "object", "array", "number", "string", "integer"};

bool IsType(JsonView value) {
  for (const char* type : kTypes) {
    if (value.AsString() == type) {
      return true;
    }
  }
  return false;
}

std::string Escaped(std::string_view key) {
  std::string text;
  for (const char c : key) {
    text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return text;
}

class Checker {
 public:
  explicit Checker(JsonView root) : root_(root.Dump()) { document_.Parse(root_.data(), root_.size()); }

  void Schema(JsonView schema, const std::string& at) {
    if (schema.is_bool()) {
      return;
    }
    if (!schema.is_object()) {
      Say(at, "expected a schema (an object, true or false), found " + schema.Dump());
      return;
    }
    schema.ForEachMember([&](std::string_view key, JsonView value) {
      const std::string place = at + "/" + Escaped(key);
      const auto known = Keywords().find(key);
      if (known != Keywords().end()) {
        Value(known->second, value, place);
        return;
      }
      for (const auto& [later, instead] : kLater) {
        if (key == later) {
          Say(place, "this keyword is of a later draft than 7" +
                         (instead.empty() ? std::string() : "; draft 7 has `" + std::string(instead) + "`"));
        }
      }
    });
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void Say(const std::string& at, const std::string& sentence) {
    if (problem_.empty()) {
      problem_ = (at.empty() ? "/" : at) + ": " + sentence;
    }
  }

  void Expect(bool is_right, const char* wanted, JsonView value, const std::string& at) {
    if (!is_right) {
      Say(at, std::string("expected ") + wanted + ", found " + value.Dump());
    }
  }

  void Each(JsonView value, const std::string& at) {
    std::size_t index = 0;
    value.ForEach([&](JsonView item) { Schema(item, at + "/" + std::to_string(index++)); });
  }

  void Value(Form form, JsonView value, const std::string& at) {
    switch (form) {
      case Form::kSchema:
        Schema(value, at);
        break;
      case Form::kSchemas:
        Expect(value.is_array() && value.size() > 0, "an array of at least one schema", value, at);
        Each(value, at);
        break;
      case Form::kNamedSchemas:
        Expect(value.is_object(), "an object of schemas", value, at);
        value.ForEachMember([&](std::string_view key, JsonView item) { Schema(item, at + "/" + Escaped(key)); });
        break;
      case Form::kItems:
        if (value.is_array()) {
          Each(value, at);
        } else {
          Schema(value, at);
        }
        break;
      case Form::kDependencies:
        Expect(value.is_object(), "an object", value, at);
        value.ForEachMember([&](std::string_view key, JsonView item) {
          Value(item.is_array() ? Form::kNames : Form::kSchema, item, at + "/" + Escaped(key));
        });
        break;
      case Form::kNames:
        Names(value, at);
        break;
      case Form::kText:
        Expect(value.is_string(), "a text", value, at);
        break;
      case Form::kPattern:
        Pattern(value, at);
        break;
      case Form::kBool:
        Expect(value.is_bool(), "true or false", value, at);
        break;
      case Form::kNumber:
        Expect(value.is_number(), "a number", value, at);
        break;
      case Form::kPositive:
        Expect(value.is_number() && value.AsDouble() > 0, "a number above 0", value, at);
        break;
      case Form::kCount:
        Expect(value.is_number() && value.AsDouble() >= 0 && value.AsDouble() == std::floor(value.AsDouble()),
               "a whole number of at least 0", value, at);
        break;
      case Form::kArray:
        Expect(value.is_array(), "an array", value, at);
        break;
      case Form::kValues:
        Expect(value.is_array() && value.size() > 0, "an array of at least one value", value, at);
        break;
      case Form::kType:
        Type(value, at);
        break;
      case Form::kReference:
        Reference(value, at);
        break;
      case Form::kAny:
        break;
    }
  }

  void Names(JsonView value, const std::string& at) {
    std::set<std::string> names;
    bool is_right = value.is_array();
    value.ForEach(
        [&](JsonView item) { is_right = is_right && item.is_string() && names.emplace(item.AsString()).second; });
    Expect(is_right, "an array of different texts", value, at);
  }

  void Type(JsonView value, const std::string& at) {
    std::set<std::string> names;
    bool is_right = value.is_array() ? value.size() > 0 : IsType(value);
    value.ForEach([&](JsonView item) { is_right = is_right && IsType(item) && names.emplace(item.AsString()).second; });
    Expect(is_right, "one of null, boolean, object, array, number, string, integer, or an array of them", value, at);
  }

  void Pattern(JsonView value, const std::string& at) {
    Expect(value.is_string(), "a regular expression", value, at);
    try {
      const std::regex compiled(std::string(value.AsString()), std::regex::ECMAScript);
    } catch (const std::regex_error& error) {
      Say(at, "expected a regular expression, found " + value.Dump() + ": " + error.what());
    }
  }

  // Inside the schema only: nothing else is there when it is used.
  void Reference(JsonView value, const std::string& at) {
    const std::string_view reference = value.AsString();
    Expect(value.is_string() && !reference.empty() && reference.front() == '#', "a reference that begins with #", value,
           at);
    if (!reference.empty() && reference.front() == '#') {
      const rapidjson::Pointer pointer(reference.data(), reference.size());
      Expect(pointer.IsValid() && pointer.Get(document_) != nullptr, "a reference to a place in this schema", value,
             at);
    }
  }

  std::string root_;
  rapidjson::Document document_;
  std::string problem_;
};

}  // namespace

std::string ProblemWithSchema(JsonView schema) {
  Checker checker(schema);
  checker.Schema(schema, "");
  return checker.problem();
}

}  // namespace tutti::validator
