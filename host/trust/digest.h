// SHA-256 of plugin files, and reading and copying them with a bound.
//
// Plain functions; any thread.
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

// Copies a file in pieces, over what is at `to`; the digest of exactly the bytes that were copied. Only its owner may
// read the copy. Errors as above; INTERNAL: the copy cannot be written. After an error there is no copy.
Result<std::string> CopyFile(const std::filesystem::path& file, const std::filesystem::path& to);

// The content of a regular file of at most `max_bytes`. Errors as above.
Result<std::string> ReadFile(const std::filesystem::path& file, std::uint64_t max_bytes);

}  // namespace tutti::host
