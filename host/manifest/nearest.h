// Finds the name somebody probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::host {

// Edits that turn one text into the other: insert, remove, replace, or swap two neighbours (Damerau-Levenshtein,
// optimal string alignment). Letters compare without case.
std::size_t EditDistance(std::string_view left, std::string_view right);

// The candidate with the fewest edits, or empty when even the best one differs in more than a third of its letters (at
// least two edits are always allowed, except for names of two letters or less). Ties: the earlier candidate.
std::string Nearest(std::string_view name, const std::vector<std::string>& candidates);

// "a, b, c", cut after `limit` names with "and N more".
std::string JoinNames(const std::vector<std::string>& names, std::size_t limit = 12);

}  // namespace tutti::host
