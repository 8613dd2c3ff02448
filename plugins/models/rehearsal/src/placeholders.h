// ${name} in a script's texts: what may stand there, and filling it in.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace tutti::rehearsal {

struct Condition;

using Captures = std::map<std::string, std::string>;

// The names between ${ and }. `$${` stands for a literal `${` and is no placeholder.
std::set<std::string> PlaceholdersIn(std::string_view text);

// prompt, result, tool and turn; the named groups of all patterns; and the numbered groups of the first pattern among
// prompt, result, system.
std::set<std::string> KnownPlaceholders(const Condition& when);

// Unknown names are left as they are.
std::string FillIn(std::string_view text, const Captures& captures);

// The same inside every string of a JSON object; values can therefore never change its shape. `json` must be valid.
std::string FillInJson(const std::string& json, const Captures& captures);

}  // namespace tutti::rehearsal
