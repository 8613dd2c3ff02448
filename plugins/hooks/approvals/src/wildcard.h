// Patterns with stars.
#pragma once

#include <string_view>

namespace tutti::approvals {

// "*" stands for any text, also none; everything else for itself.
bool MatchesStars(std::string_view pattern, std::string_view text);

// Paths: "*" and "?" stop at a slash, "**" does not. A pattern that ends in "/**" also matches the directory itself.
bool MatchesPath(std::string_view pattern, std::string_view path);

// Names of tools, agents and templates: *, ?, [..], @(A|B).
bool MatchesName(std::string_view pattern, std::string_view name);

}  // namespace tutti::approvals
