// The editor's command line as an argument vector.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::open_file {

// Words split at blanks; single and double quotes keep a word together, nothing else has a meaning. INVALID_ARGUMENT: a
// quote is not closed, or there is no word.
Result<std::vector<std::string>> SplitCommand(std::string_view command);

// true, 1 and yes, in any case.
bool IsYes(std::string_view text);

}  // namespace tutti::open_file
