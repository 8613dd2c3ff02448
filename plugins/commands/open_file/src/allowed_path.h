// Which files may be opened.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::open_file {

// The canonical form of `path` when it exists and lies beneath one of `directories`, of which the first is where a
// relative path begins. The error is a sentence for who asked: INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED. It does
// not tell whether a file exists that lies elsewhere.
Result<std::string> AllowedPath(std::string_view path, const std::vector<std::string>& directories);

}  // namespace tutti::open_file
