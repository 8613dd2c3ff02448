// The symbols a shared library offers to others, read from its ELF file without loading it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::validator {

// Names of all defined global and weak dynamic symbols, sorted. 64-bit little-endian ELF only; files over 1 GiB are
// refused.
Result<std::vector<std::string>> ReadExports(const std::filesystem::path& library);

}  // namespace tutti::validator
