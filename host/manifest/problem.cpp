#include "host/manifest/problem.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace tutti::host {

std::string ToString(const Problem& problem) {
  std::string text = problem.place.file;
  if (problem.place.line > 0) {
    text += ":" + std::to_string(problem.place.line);
  }
  text += ": ";
  if (!problem.path.empty()) {
    text += problem.path + ": ";
  }
  text += problem.message;
  if (!problem.nearest.empty()) {
    text += ". Did you mean '" + problem.nearest + "'?";
  }
  return text;
}

void SortProblems(Problems& problems) {
  std::map<std::string, std::size_t> rank;
  for (const Problem& problem : problems) {
    rank.emplace(problem.place.file, rank.size());
  }
  const auto key = [&](const Problem& problem) {
    return std::make_tuple(rank.at(problem.place.file), problem.place.line, problem.place.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return key(a) < key(b); });
  const auto same = [](const Problem& a, const Problem& b) { return ToString(a) == ToString(b); };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
}

}  // namespace tutti::host
