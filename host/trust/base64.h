// Standard base64 with padding.
//
// Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tutti::host {

std::string ToBase64(std::string_view bytes);

// nullopt: not base64, or not in its one canonical form.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace tutti::host
