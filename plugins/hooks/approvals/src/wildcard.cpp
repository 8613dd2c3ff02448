#include "wildcard.h"

#include <fnmatch.h>

#include <string>

namespace tutti::approvals {
namespace {

constexpr std::string_view kBelow = "/**";

// A set of positions in the pattern that the text read so far can stand at: linear in the text for each position.
bool MatchesWholePath(std::string_view pattern, std::string_view path) {
  std::string reached(pattern.size() + 1, '\0');
  const auto close = [&](std::string& set) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (set[i] != 0 && pattern[i] == '*') {
        const bool is_double = i + 1 < pattern.size() && pattern[i + 1] == '*';
        set[i + (is_double ? 2 : 1)] = 1;
        // "a/**/b" is "a/b" too.
        if (is_double && i + 2 < pattern.size() && pattern[i + 2] == '/' && (i == 0 || pattern[i - 1] == '/')) {
          set[i + 3] = 1;
        }
      }
    }
  };
  reached[0] = 1;
  close(reached);
  for (const char c : path) {
    std::string next(pattern.size() + 1, '\0');
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (reached[i] == 0) {
        continue;
      }
      if (pattern[i] == '*') {
        const bool is_double = i + 1 < pattern.size() && pattern[i + 1] == '*';
        next[i] = is_double || c != '/' ? 1 : next[i];
      } else if (pattern[i] == c || (pattern[i] == '?' && c != '/')) {
        next[i + 1] = 1;
      }
    }
    close(next);
    reached = std::move(next);
  }
  return reached[pattern.size()] != 0;
}

}  // namespace

bool MatchesStars(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.size() && pattern[at] == text[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') {
    ++at;
  }
  return at == pattern.size();
}

bool MatchesPath(std::string_view pattern, std::string_view path) {
  const bool is_below = pattern.size() > kBelow.size() && pattern.substr(pattern.size() - kBelow.size()) == kBelow;
  return MatchesWholePath(pattern, path) ||
         (is_below && MatchesWholePath(pattern.substr(0, pattern.size() - kBelow.size()), path));
}

bool MatchesName(std::string_view pattern, std::string_view name) {
  return ::fnmatch(std::string(pattern).c_str(), std::string(name).c_str(), FNM_EXTMATCH) == 0;
}

}  // namespace tutti::approvals
