// One HTTP request: its bytes, and views into them.
//
// Not movable, because the views point into `head`; pass it by pointer. Not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "header_text.h"

namespace tutti::transport::http {

// Why a request is answered by the transport itself: a status and the sentence that goes into {"detail": ...}.
struct Refusal {
  int status = 400;
  std::string detail;
  // Whole header lines to add, each ended with CRLF.
  std::string extra_headers;
};

struct Request {
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Request line and header section, up to and with the empty line.
  std::string head;
  // De-chunked.
  std::string body;

  std::string_view method;
  // Origin form, or "*" for OPTIONS.
  std::string_view target;
  std::vector<HeaderView> headers;
  bool is_http_1_0 = false;
  bool keeps_alive = false;
  bool is_head_method = false;
  // Wants 100 Continue before it sends the body.
  bool expects_continue = false;
  bool is_chunked = false;
  std::size_t content_length = 0;
  // A valid WebSocket handshake.
  bool is_upgrade = false;
  std::string_view websocket_key;
};

}  // namespace tutti::transport::http
