// Reads the head of a request strictly (RFC 9112): what servers and proxies are known to read differently is refused,
// so that nobody can hide one request inside another. Poco's parser accepts folded lines, bare line feeds and spaces
// before the colon, so the transport has its own.
#pragma once

#include <cstddef>
#include <optional>

#include "request.h"

namespace tutti::transport::http {

struct HeadLimits {
  std::size_t target_bytes = 8 * 1024;
  std::size_t header_count = 100;
  std::size_t body_bytes = 16 * 1024 * 1024;
};

// Fills the views and facts of `request` from request.head, which must end with an empty line. [any]
[[nodiscard]] std::optional<Refusal> ParseHead(const HeadLimits& limits, Request& request);

}  // namespace tutti::transport::http
