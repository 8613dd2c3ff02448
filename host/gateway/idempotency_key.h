// The Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header).
//
// Plain functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/dispatch/idempotent_calls.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

inline constexpr std::size_t kLongestIdempotencyKey = 255;

// The key as its sender meant it: "\"abc\"", the form of the draft, is abc, and so is the bare abc that many send.
// Visible ASCII, at most kLongestIdempotencyKey bytes. INVALID_ARGUMENT says what is wrong.
Result<std::string> ParseIdempotencyKey(std::string_view header);

// The parts are told apart by their lengths. `where` is the method and path, or a name of a WebSocket's command.
RequestKey MakeRequestKey(std::string_view principal, std::string_view where, std::string_view key,
                          std::string_view sent);

}  // namespace tutti::host
