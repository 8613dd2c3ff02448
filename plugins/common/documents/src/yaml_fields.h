// YamlFields: the keys of a YAML map as the formats of agents and commands spell their values.
//
// Not thread-safe. Throws FieldProblem and YAML::Exception; ProblemText turns both into a sentence.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::documents {

struct FieldProblem {
  int line = 1;
  std::string sentence;
};

class YamlFields {
 public:
  // `yaml` begins in line `first_line` of its file. Empty YAML is a map without keys.
  YamlFields(std::string_view yaml, int first_line);

  // The text of a scalar, trimmed; empty when the key is not there or null.
  [[nodiscard]] std::string Text(const char* key) const;

  // The same, and a problem when it is empty.
  [[nodiscard]] std::string NeededText(const char* key) const;

  // A list of texts, or one text whose parts are parted by commas outside of parentheses, or, when it has no such
  // comma and `splits_blanks`, by white space. Empties are dropped. nullopt: no such key, or null.
  [[nodiscard]] std::optional<std::vector<std::string>> Names(const char* key, bool splits_blanks = false) const;

  // true or false in one of YAML's spellings; nullopt: no such key, or null.
  [[nodiscard]] std::optional<bool> Flag(const char* key) const;

  // A whole number of at least 1; nullopt: no such key, or null.
  [[nodiscard]] std::optional<std::int64_t> Count(const char* key) const;

  [[nodiscard]] bool Has(const char* key) const;

  // Of the key's value; of the file's first line when there is no such key.
  [[nodiscard]] int LineOf(const char* key) const;

  // Keys that are not among `known`, sorted, each once; at most 64, of at most 100 characters.
  [[nodiscard]] std::vector<std::string> KeysBesides(const std::vector<std::string_view>& known) const;

 private:
  [[nodiscard]] std::string TextOf(const YAML::Node& node, const char* key) const;
  [[nodiscard]] int Line(const YAML::Node& node) const;

  YAML::Node root_;
  int first_line_;
};

// "<path>:<line>: <sentence>" for a FieldProblem or YAML::Exception that is being handled; others are thrown on.
// REQUIRES: inside a catch block. `first_line`: where the YAML begins.
std::string ProblemText(const std::exception_ptr& thrown, std::string_view path, int first_line);

}  // namespace tutti::documents
