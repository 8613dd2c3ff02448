// Whether a JSON Schema is one of draft 7, as far as its keywords and their values tell.
#pragma once

#include <string>

#include "tutti/sdk/json.hpp"

namespace tutti::validator {

// What is wrong, with the JSON pointer of the place; empty for nothing. Keywords of later drafts are mistakes: a draft
// 7 validator passes them over, and with them what the author meant.
std::string ProblemWithSchema(JsonView schema);

}  // namespace tutti::validator
