// The WebSocket opening handshake, server side (RFC 6455 section 4.2). Pure functions. [any]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "request.h"

namespace tutti::transport::http {

// Sets is_upgrade and websocket_key when the parsed request asks for a WebSocket in the right way, leaves them when it
// does not ask, and refuses what asks in a wrong way (400, or 426 for another version).
[[nodiscard]] std::optional<Refusal> CheckHandshake(Request& request, bool is_http_1_0);

// The value of Sec-WebSocket-Accept. May throw Poco::Exception.
[[nodiscard]] std::string AcceptKey(std::string_view websocket_key);

}  // namespace tutti::transport::http
