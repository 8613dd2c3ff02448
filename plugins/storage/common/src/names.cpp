#include "names.h"

#include <algorithm>

#include "tutti/sdk/nearest.hpp"

namespace tutti::storage {
namespace {

std::string QuoteWith(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) {
      out += c;
    }
  }
  return out += quote;
}

}  // namespace

bool IsName(std::string_view text) {
  if (text.empty() || text.size() > 63 || (text[0] >= '0' && text[0] <= '9')) {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string QuoteName(std::string_view name) {
  return QuoteWith(name, '"');
}

std::string QuoteLiteral(std::string_view text) {
  return QuoteWith(text, '\'');
}

std::string Hint(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  return nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?";
}

}  // namespace tutti::storage
