// One message on its way to many connections: framed once for each form that a connection wants it in.
//
// Threads: one. The message must outlive it.
#pragma once

#include <string_view>

#include "output_queue.h"

namespace tutti::transport::http {

class OutgoingMessage {
 public:
  explicit OutgoingMessage(std::string_view message) : message_(message) {}

  // A WebSocket text frame; what is no UTF-8 becomes U+FFFD.
  [[nodiscard]] const SharedBytes& Frame();

  // A chunk of an HTTP/1.1 body.
  [[nodiscard]] const SharedBytes& Chunk();

  // As it is.
  [[nodiscard]] const SharedBytes& Plain();

 private:
  const std::string_view message_;
  SharedBytes frame_, chunk_, plain_;
};

}  // namespace tutti::transport::http
