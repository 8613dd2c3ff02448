// Questions about a JSON Schema (draft 7) that validation alone does not answer: which type a value should have, which
// keys are known, what to tell a reader.
//
// A SchemaView borrows from the document it looks at. No threads, no errors: what a schema does not say is "anything".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

class SchemaView {
 public:
  enum Type : unsigned { kNull = 1, kBoolean = 2, kInteger = 4, kNumber = 8, kString = 16, kArray = 32, kObject = 64 };

  // `schema` may be nullptr: anything is allowed. Local references ("$ref": "#/definitions/x") are followed.
  SchemaView(const rapidjson::Value* root, const rapidjson::Value* schema);

  // A set of Type; 0 when any type is allowed.
  [[nodiscard]] unsigned Types() const;

  // Whether an object may hold keys that are not listed. Tutti refuses them wherever `properties` are declared without
  // `additionalProperties`.
  [[nodiscard]] bool AllowsOtherKeys() const;
  [[nodiscard]] std::vector<std::string> KnownKeys() const;

  struct Property {
    bool known = false;
    const rapidjson::Value* schema = nullptr;
  };

  [[nodiscard]] Property FindProperty(std::string_view key) const;

  [[nodiscard]] SchemaView At(std::string_view key) const { return {root_, FindProperty(key).schema}; }

  [[nodiscard]] SchemaView Item(std::size_t index) const;

  // What a value should be, as the end of "expected ...".
  [[nodiscard]] std::string Expectation() const;

  // Text values of `enum`.
  [[nodiscard]] std::vector<std::string> Choices() const;

  [[nodiscard]] const rapidjson::Value* raw() const { return schema_; }

  [[nodiscard]] const rapidjson::Value* root() const { return root_; }

 private:
  [[nodiscard]] const rapidjson::Value* Keyword(const char* name) const;
  // Branches of allOf, anyOf, oneOf, then, else.
  [[nodiscard]] std::vector<SchemaView> Branches(bool with_conditions) const;
  [[nodiscard]] std::string Range() const;

  const rapidjson::Value* root_;
  const rapidjson::Value* schema_;
};

}  // namespace tutti::host
