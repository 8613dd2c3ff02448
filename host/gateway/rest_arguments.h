// A command's arguments out of text: a request's path, query and body, or typed words.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/gateway/request.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// The properties of a command's input schema, with the type their text is converted to.
class ArgumentTypes {
 public:
  enum class Type { kString, kInteger, kNumber, kBoolean, kOther };

  struct Property {
    std::string name;
    Type type = Type::kString;
    bool is_array = false;  // then `type` is that of its items
  };

  // `schema` is JSON Schema text. A nullable type counts as the type beside null.
  explicit ArgumentTypes(std::string_view schema);

  [[nodiscard]] const Property* Find(std::string_view name) const;

  [[nodiscard]] const std::vector<Property>& properties() const { return properties_; }

 private:
  std::vector<Property> properties_;
};

using PathCaptures = std::vector<std::pair<std::string, std::string>>;  // decoded

// A JSON object of captures and query parameters. Of a repeated parameter the last counts, unless it is an array.
// Parameters the schema does not name are left out, or passed as strings with `keep_unknown`. INVALID_ARGUMENT with
// {"errors": [...]} for what does not convert, `loc` complete.
Result<std::string> QueryArguments(const ArgumentTypes& types, const PathCaptures& captures, std::string_view query,
                                   bool keep_unknown);

// A JSON object of named words, as a slash command has them.
Result<std::string> WordArguments(const ArgumentTypes& types, const PathCaptures& words);

// The body with the captures in it, which win over members of the same name. A body that is no JSON object, or nested
// too deep, comes back as it is: the schema check says what is wrong with it.
Result<std::string> BodyArguments(const ArgumentTypes& types, const PathCaptures& captures, std::string_view body);

}  // namespace tutti::host
