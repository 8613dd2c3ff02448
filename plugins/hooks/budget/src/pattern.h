// Patterns with * (anything) and ? (one byte), as operators write them for names.
#pragma once

#include <string_view>

namespace tutti::budget {

// Whether the whole text matches. Linear in the text times the number of stars at most.
bool MatchesPattern(std::string_view pattern, std::string_view text);

}  // namespace tutti::budget
