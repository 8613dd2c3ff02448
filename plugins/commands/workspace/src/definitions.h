// The six command definitions, as tutti/abi/command.h describes them.
#pragma once

#include <chrono>
#include <string>

namespace tutti::workspace {

// A JSON array. `bash_timeout` and `search_timeout` are the longest these may take; the calls get a little more, so
// that a tool tells of its own limit before its call is cut off.
std::string Definitions(std::chrono::milliseconds bash_timeout, std::chrono::milliseconds search_timeout);

}  // namespace tutti::workspace
