// Files the host writes for itself: whole or not at all, and readable by its user only.
//
// Threads: any; two writers of one path leave one of the two texts.
#pragma once

#include <filesystem>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Writes `text` beside `path`, flushes it to the disk and renames it over `path`, mode 0600. A crash leaves the old
// file or the new one. The error names the file and what the system said.
Status WritePrivateFile(const std::filesystem::path& path, std::string_view text);

}  // namespace tutti::host
