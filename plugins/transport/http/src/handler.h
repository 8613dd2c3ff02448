// What a Server delivers, and the shapes of requests and answers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "header_text.h"

namespace tutti::transport::http {

// A whole request. Borrowed for the call.
struct RequestView {
  std::uint64_t exchange = 0;
  // A valid WebSocket handshake: answer with Upgrade or Respond.
  bool is_upgrade = false;
  std::string_view method;
  // Origin form, as received.
  std::string_view target;
  std::span<const HeaderView> headers;
  std::string_view body;
  // "address:port" of the other end and of this one.
  std::string_view peer;
  std::string_view local;
};

struct ResponseView {
  int status = 200;
  // Date, Content-Length, Connection and Transfer-Encoding are the transport's; given ones are left out.
  std::span<const HeaderView> headers;
  std::string_view body;
};

// Implemented by the user of a Server, which keeps it alive until Stop has returned. Nothing is called under a lock, so
// every method may call the Server.
class Handler {
 public:
  virtual ~Handler() = default;

  // Answered through Respond or Upgrade, now or later. Runs on a worker thread; several at a time.
  virtual void OnRequest(const RequestView& request) = 0;

  // A whole message of an upgraded connection, in order, one at a time per connection. The connection is not read
  // further until this has returned. Runs on a worker thread.
  virtual void OnMessage(std::uint64_t connection, std::string_view message, bool is_text) = 0;

  // A connection that answered kWouldBlock has drained to half of its queue. Runs on an I/O thread: return at once.
  virtual void OnWritable(std::uint64_t connection) = 0;

  // The last thing said of a connection, or of an exchange whose client went away before the answer. Never while
  // OnRequest or OnMessage runs for the same number. `code` is of RFC 6455. Any thread of the Server: return at once.
  virtual void OnClose(std::uint64_t connection, std::uint16_t code) = 0;
};

}  // namespace tutti::transport::http
