// Turns a configuration value into JSON under a JSON Schema (draft 7): types scalars by the schema, fills in defaults,
// and reports everything that does not fit with file, line, path and the nearest valid name.
//
// Differences to plain JSON Schema, both for the reader's sake: YAML text is typed by what the schema asks for ("9403"
// in quotes is an integer where one is expected), and keys that are not declared are errors wherever `properties` are
// declared and `additionalProperties` is absent.
//
// Immutable after construction; usable from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/manifest/node.h"
#include "host/manifest/variables.h"

namespace tutti::host {

class Schema {
 public:
  // A schema that is part of the program, as YAML. Throws std::logic_error when it is wrong.
  static Schema BuiltIn(std::string_view yaml);

  // The `config` section of a plugin.yaml. A section that is no valid schema is reported.
  static std::optional<Schema> FromNode(const Node& node, Problems& problems);

  // Refuses every key; what a plugin without a `config` section has.
  static Schema Empty();

  // The JSON text. Complete only when no problem was added. With `variables`, texts among the filled-in defaults may
  // name them too.
  [[nodiscard]] std::string Apply(const Node& node, const Variables* variables, Problems& problems) const;

  // Unknown keys only: for plugins that will not be loaded, whose values may depend on settings that are not there.
  void CheckKeys(const Node& node, Problems& problems) const;

  // The schema itself.
  [[nodiscard]] std::string json() const;

 private:
  struct Compiled;

  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace tutti::host
