// The text behind a command's name, split into arguments as a shell splits words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::markdown_commands {

// White space parts; single and double quotes keep together, and a backslash takes the next character as it is (in
// double quotes only before one that means something there, in single quotes never). A quote that is not closed is an
// ordinary character: people write "it's". Pure function; any thread.
std::vector<std::string> SplitArguments(std::string_view text);

}  // namespace tutti::markdown_commands
