// Checks a command's arguments against its JSON Schema (draft 7).
//
// Immutable, any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class ArgumentSchema {
 public:
  // INVALID_ARGUMENT when `schema` is no valid schema of an object.
  static Result<std::shared_ptr<const ArgumentSchema>> Compile(std::string_view schema);

  ~ArgumentSchema();
  ArgumentSchema(const ArgumentSchema&) = delete;
  ArgumentSchema& operator=(const ArgumentSchema&) = delete;

  // OK, or INVALID_ARGUMENT whose message names the first fault and whose details are
  // {"errors": [{"type","loc": ["message"],"msg","input"}]}: `loc` is the path inside the arguments. Types follow the
  // contract: missing, string_type, int_type, ..., json_invalid, extra_forbidden, value_error.
  [[nodiscard]] Status Check(JsonView args) const;

  // Parses and checks. Empty text stands for {}.
  [[nodiscard]] Result<Json> ParseAndCheck(std::string_view args) const;

  // Whether {} is accepted as it is; lets a call without arguments skip the check.
  [[nodiscard]] bool accepts_empty() const { return accepts_empty_; }

  // The names under "properties", with the JSON type each asks for ("" when it allows several).
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& properties() const { return properties_; }

 private:
  struct Compiled;

  explicit ArgumentSchema(std::unique_ptr<Compiled> compiled);

  std::unique_ptr<Compiled> compiled_;
  std::vector<std::pair<std::string, std::string>> properties_;
  bool accepts_empty_ = false;
};

}  // namespace tutti::host
