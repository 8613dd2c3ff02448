// SHA-256 of plugin files, and reading them with a bound.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// A plugin library with debug information is tens of MiB; anything beyond this is a mistake or an attack.
inline constexpr std::uint64_t kMaxPluginFileBytes = 512ULL << 20U;

// Lower-case hex.
std::string Sha256(std::string_view bytes);

// The same of a file's content, read in pieces. NOT_FOUND: no regular file, or not readable; RESOURCE_EXHAUSTED: larger
// than kMaxPluginFileBytes.
Result<std::string> Sha256OfFile(const std::filesystem::path& file);

// The content of a regular file of at most `max_bytes`. Errors as above.
Result<std::string> ReadFile(const std::filesystem::path& file, std::uint64_t max_bytes);

}  // namespace tutti::host
