// Whether a library file is all there. The dynamic loader maps what the header promises without asking how long the
// file is, and the process then dies of SIGBUS at the first page that is missing.
#pragma once

#include <filesystem>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// FAILED_PRECONDITION: the file ends before a part that is to be loaded. What is no library at all is left to the
// loader, which says so. `name` stands for the file in the sentence.
Status CheckWhole(const std::filesystem::path& file, const std::string& name);

}  // namespace tutti::host
