#include "host/manifest/version.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace tutti::host {
namespace {

bool ParseNumber(std::string_view text, std::uint32_t& number) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(dot + 1);
  }
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c == '-' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

bool AreIdentifiers(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text);
  return std::all_of(parts.begin(), parts.end(), IsIdentifier);
}

bool IsNumeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::strong_ordering CompareIdentifiers(std::string_view left, std::string_view right) {
  if (IsNumeric(left) != IsNumeric(right)) {
    return IsNumeric(left) ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (IsNumeric(left) && left.size() != right.size()) {
    return left.size() <=> right.size();
  }
  return left.compare(right) <=> 0;
}

std::strong_ordering ComparePrereleases(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty()) {
    return left.empty() <=> right.empty();
  }
  const std::vector<std::string_view> lefts = Split(left);
  const std::vector<std::string_view> rights = Split(right);
  for (std::size_t i = 0; i < std::min(lefts.size(), rights.size()); ++i) {
    if (const auto order = CompareIdentifiers(lefts[i], rights[i]); order != 0) {
      return order;
    }
  }
  return lefts.size() <=> rights.size();
}

}  // namespace

std::optional<Version> Version::Parse(std::string_view text) {
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!AreIdentifiers(text.substr(plus + 1))) {
      return std::nullopt;
    }
    text = text.substr(0, plus);
  }
  Version version;
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    version.prerelease = text.substr(dash + 1);
    if (!AreIdentifiers(version.prerelease)) {
      return std::nullopt;
    }
    text = text.substr(0, dash);
  }
  const std::vector<std::string_view> parts = Split(text);
  if (parts.size() != 3 || !ParseNumber(parts[0], version.major) || !ParseNumber(parts[1], version.minor) ||
      !ParseNumber(parts[2], version.patch)) {
    return std::nullopt;
  }
  return version;
}

std::string Version::ToString() const {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch) +
         (prerelease.empty() ? "" : "-" + prerelease);
}

std::strong_ordering operator<=>(const Version& left, const Version& right) {
  if (const auto order = left.major <=> right.major; order != 0) {
    return order;
  }
  if (const auto order = left.minor <=> right.minor; order != 0) {
    return order;
  }
  if (const auto order = left.patch <=> right.patch; order != 0) {
    return order;
  }
  return ComparePrereleases(left.prerelease, right.prerelease);
}

bool operator==(const Version& left, const Version& right) {
  return (left <=> right) == 0;
}

std::optional<AbiVersion> AbiVersion::Parse(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text);
  AbiVersion version;
  if (parts.size() > 2 || !ParseNumber(parts[0], version.major) ||
      (parts.size() == 2 && !ParseNumber(parts[1], version.minor))) {
    return std::nullopt;
  }
  return version;
}

}  // namespace tutti::host
