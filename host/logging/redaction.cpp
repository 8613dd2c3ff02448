#include "host/logging/redaction.h"

#include <array>

namespace tutti::host {
namespace {

constexpr std::array<std::string_view, 6> kSecretWords = {"password",   "passwd",        "secret",
                                                          "credential", "authorization", "cookie"};
constexpr std::array<std::string_view, 2> kSecretEndings = {"key", "token"};

std::string Letters(std::string_view key) {
  std::string letters;
  for (const char c : key) {
    if (c >= 'A' && c <= 'Z') {
      letters += static_cast<char>(c - 'A' + 'a');
    } else if (c != '-' && c != '_') {
      letters += c;
    }
  }
  return letters;
}

// Where the authority of a URL ends.
std::size_t AuthorityEnd(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find_first_of("/?# \t\r\n\"'<>", begin);
  return end == std::string_view::npos ? text.size() : end;
}

}  // namespace

bool IsSecretKey(std::string_view key) {
  const std::string letters = Letters(key);
  for (const std::string_view word : kSecretWords) {
    if (letters.find(word) != std::string::npos) {
      return true;
    }
  }
  for (const std::string_view ending : kSecretEndings) {
    if (std::string_view(letters).ends_with(ending)) {
      return true;
    }
  }
  return false;
}

std::string MaskUrls(std::string_view text) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", from)) {
    const std::size_t begin = at + 3;
    const std::size_t end = AuthorityEnd(text, begin);
    const std::size_t sign = text.substr(begin, end - begin).rfind('@');
    out.append(text, from, begin - from);
    if (sign != std::string_view::npos) {
      out.append(kMasked);
      from = begin + sign;
    } else {
      from = begin;
    }
  }
  return out.append(text.substr(from));
}

std::string Redact(std::string_view key, std::string_view value) {
  if (IsSecretKey(key)) {
    // A reference names the secret without being it.
    return std::string(value.empty() || value.starts_with("secret://") ? value : kMasked);
  }
  return MaskUrls(value);
}

}  // namespace tutti::host
