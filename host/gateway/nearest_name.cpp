#include "host/gateway/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tutti::host {

namespace {

constexpr std::size_t kLongestCompared = 64;
constexpr std::size_t kSuggestions = 3;

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> NearestNames(std::string_view wanted, const std::vector<std::string>& names) {
  std::vector<std::pair<std::size_t, std::string>> near;
  wanted = wanted.substr(0, kLongestCompared);
  for (const std::string& name : names) {
    const std::size_t distance = EditDistance(wanted, std::string_view(name).substr(0, kLongestCompared));
    if (distance <= std::max<std::size_t>(1, std::max(wanted.size(), name.size()) / 3)) {
      near.emplace_back(distance, name);
    }
  }
  std::sort(near.begin(), near.end());
  near.resize(std::min(near.size(), kSuggestions));
  std::vector<std::string> nearest;
  for (auto& [distance, name] : near) {
    nearest.push_back(std::move(name));
  }
  return nearest;
}

std::string DidYouMean(std::string_view wanted, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : NearestNames(wanted, names)) {
    text += (text.empty() ? "; did you mean '" : " or '") + name + "'";
  }
  return text.empty() ? text : text + "?";
}

}  // namespace tutti::host
