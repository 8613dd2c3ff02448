// Finds the name somebody probably meant. Pure functions, any thread.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace tutti {

namespace internal {

// Names come from files and command lines; a longer one is no typing mistake, and the distance costs its square.
inline constexpr std::size_t kLongestName = 256;

inline bool SameLetter(char left, char right) {
  return std::tolower(static_cast<unsigned char>(left)) == std::tolower(static_cast<unsigned char>(right));
}

}  // namespace internal

// Edits that turn one text into the other: insert, remove, replace, or swap two neighbours (Damerau-Levenshtein,
// optimal string alignment). Letters compare without case.
inline std::size_t EditDistance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replace = last[j - 1] + (internal::SameLetter(left[i - 1], right[j - 1]) ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replace});
      if (i > 1 && j > 1 && internal::SameLetter(left[i - 1], right[j - 2]) &&
          internal::SameLetter(left[i - 2], right[j - 1])) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return last[right.size()];
}

// The candidate with the fewest edits, or empty when even the best one differs in more than a third of its letters (at
// least two edits are always allowed, except for names of two letters or less). Ties: the earlier candidate.
inline std::string Nearest(std::string_view name, const std::vector<std::string>& candidates) {
  if (name.empty() || name.size() > internal::kLongestName) {
    return {};
  }
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > internal::kLongestName) {
      continue;
    }
    const std::size_t distance = EditDistance(name, candidate);
    if (best == nullptr || distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  if (best == nullptr) {
    return {};
  }
  const std::size_t allowed = best->size() <= 2 ? 1 : std::max<std::size_t>(2, best->size() / 3);
  // A name that shares no letter with the candidate is not a misspelling of it.
  return best_distance <= allowed && best_distance < best->size() ? *best : std::string();
}

// "a, b, c", cut after `limit` names with "and N more".
inline std::string JoinNames(const std::vector<std::string>& names, std::size_t limit = 12) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < limit; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > limit) {
    text += " and " + std::to_string(names.size() - limit) + " more";
  }
  return text;
}

// "; did you mean 'a'?", or empty.
inline std::string DidYouMean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  return nearest.empty() ? nearest : "; did you mean '" + nearest + "'?";
}

}  // namespace tutti
