// One question to the server over a connection of its own, within a time limit: for when the usual one is silent.
//
// Threads: any.
#pragma once

#include <chrono>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::storage::postgresql {

// The first field of the first row, empty when there is none; `parameter` is $1. `connection_text` has a time limit of
// its own for connecting. UNAVAILABLE when there is no answer in time.
Result<std::string> AskAside(const std::string& connection_text, std::chrono::milliseconds limit,
                             const std::string& sql, const std::string& parameter);

}  // namespace tutti::storage::postgresql
