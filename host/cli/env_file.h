// A .env file: variables for a start, one per line.
#pragma once

#include <string>
#include <string_view>

#include "host/manifest/variables.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// NAME=value per line, also `export NAME=value`; empty lines and lines that begin with # count for nothing. A value in
// single quotes is taken as it is, one in double quotes knows \n \t \" \\ and \$, one without quotes ends before a #
// with a blank in front. Nothing is expanded or run. INVALID_ARGUMENT names `file`, the line and what was expected.
Result<Variables> ParseEnvFile(std::string_view text, const std::string& file);

// The file's variables; none when it does not exist.
Result<Variables> ReadEnvFile(const std::string& file);

// Settings of the reference orchestrator that it read and did not use, each with what does its work here.
// FAILED_PRECONDITION names those that are set in `variables`.
Status RefuseUnusedSettings(const Variables& variables);

}  // namespace tutti::host
