// Heads of answers, as bytes. Pure functions, except for the clock behind Date. [any]
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "handler.h"
#include "request.h"
#include "tutti/sdk/status.hpp"

namespace tutti::transport::http {

// INVALID_ARGUMENT when the status is not 200 to 599, or a header could not be sent as one line.
[[nodiscard]] Status CheckResponse(const ResponseView& response);

[[nodiscard]] Status CheckHeaders(std::span<const HeaderView> headers);

// Appends status line and header section. REQUIRES: CheckResponse.
void AppendHead(const ResponseView& response, bool keeps_alive, std::string& out);

// The same for an answer whose length is not known: in chunks, or ended by the end of the connection.
void AppendStreamHead(const ResponseView& response, bool is_chunked, bool keeps_alive, std::string& out);

// One piece of a body sent in chunks. REQUIRES: piece is not empty.
[[nodiscard]] std::string EncodeChunk(std::string_view piece);

// What ends such a body.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Whether the status forbids a body (RFC 9110 section 6.4.1).
[[nodiscard]] bool HasBody(int status);

// The answer that accepts a handshake. `protocol` is the subprotocol or empty.
void AppendUpgrade(std::string_view accept_key, std::string_view protocol, std::span<const HeaderView> headers,
                   std::string& out);

// A whole answer, {"detail": sentence}, after which the connection ends.
[[nodiscard]] std::string RefusalBytes(const Refusal& refusal, bool is_head_method);

}  // namespace tutti::transport::http
