// How deep a client's JSON is nested. Parsing it needs no stack, but whoever writes or validates it afterwards
// recurses, plugins included; so what is nested beyond reason stops at the gateway.
#pragma once

#include <cstddef>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

inline constexpr std::size_t kMaxJsonDepth = 128;

// Whether arrays and objects of `text`, JSON or not, nest deeper than `limit`.
bool IsNestedDeeper(std::string_view text, std::size_t limit);

// INVALID_ARGUMENT for arguments nested deeper than kMaxJsonDepth.
Status CheckJsonDepth(std::string_view args);

}  // namespace tutti::host
