// The files of one plugin, in memory: what an archive holds and what is written at an installation.
//
// Plain values; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Bounds of a package; more is refused with a sentence.
inline constexpr std::size_t kMaxPackageFiles = 64;
inline constexpr std::uint64_t kMaxPackageBytes = 512ULL << 20U;  // all files together

inline constexpr std::string_view kManifestFile = "plugin.yaml";
inline constexpr std::string_view kChecksumFile = "SHA256SUMS";

struct Package {
  std::map<std::string, std::string> files;  // name -> bytes; names have no directories

  // Empty when it is not there.
  [[nodiscard]] std::string_view Find(std::string_view name) const;
};

// A name that is safe in any directory: letters, digits, '.', '_', '-', '+', not beginning with '.' or '-', at most 128
// bytes.
bool IsPackageFileName(std::string_view name);

// plugin.yaml, the library, and what there is of README, README.md, LICENSE, CHANGELOG.md and plugin.sig. Links are
// refused: an archive must hold what it was told, not what a link led to.
Result<Package> ReadPackageFolder(const std::filesystem::path& directory, const std::string& library);

// Into a directory that must not exist; its parent must. Files get mode 0644, the library `library` 0755.
Status WritePackageFolder(const Package& package, const std::string& library, const std::filesystem::path& directory);

}  // namespace tutti::host
