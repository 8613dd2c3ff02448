// Variables in configuration values: ${NAME} and ${NAME:-default}, and nothing else.
//
// They are replaced inside scalars after the YAML has been parsed, so a value can never add a key, a list item or a
// second variable.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::host {

// The caller decides what is in it: the environment, and TUTTI_DATA, TUTTI_CWD, TUTTI_SESSION.
using Variables = std::map<std::string, std::string, std::less<>>;

// The environment of this process. [main], before threads change it.
Variables EnvironmentVariables();

struct VariableError {
  std::string message;
  std::string nearest;
};

struct Expansion {
  std::string text;
  std::vector<VariableError> errors;
};

// "$${" stands for "${". The default after ":-" is used when the variable is not set or empty; it is plain text,
// without variables. A name is [A-Za-z_][A-Za-z0-9_]*. Not set and without default is an error.
Expansion Expand(std::string_view text, const Variables& variables);

}  // namespace tutti::host
