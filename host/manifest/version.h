// Semantic versions (semver.org 2.0.0), as plugins carry them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tutti::host {

struct Version {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t patch = 0;
  std::string prerelease;  // without the dash; build metadata is not kept, it has no part in precedence

  // "1.2.3", "1.2.3-rc.1", "1.2.3+build"; nothing for anything else.
  static std::optional<Version> Parse(std::string_view text);

  [[nodiscard]] std::string ToString() const;
};

// Precedence of section 11: a prerelease comes before its release.
std::strong_ordering operator<=>(const Version& left, const Version& right);
bool operator==(const Version& left, const Version& right);

// The two numbers of an `abi` key: "0" or "0.1".
struct AbiVersion {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;

  static std::optional<AbiVersion> Parse(std::string_view text);
};

}  // namespace tutti::host
