// The id of a host: made once per data directory, kept in it, and no other's.
#pragma once

#include <filesystem>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// That of `directory`, which exists and is locked; made when there is none yet. What is in the file and no id is an
// error, for another id would leave behind what was done under the former one. UNAVAILABLE names the file.
Result<std::string> HostIdOf(const std::filesystem::path& directory);

}  // namespace tutti::host
