#include "handshake.h"

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>

#include <sstream>

namespace tutti::transport::http {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// 16 bytes in base64: 22 characters and "==". The last character carries four unused bits, which must be zero.
bool IsKey(std::string_view key) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (key.size() != 24 || key.substr(22) != "==") {
    return false;
  }
  return key.substr(0, 22).find_first_not_of(kAlphabet) == std::string_view::npos &&
         std::string_view("AQgw").find(key[21]) != std::string_view::npos;
}

}  // namespace

std::optional<Refusal> CheckHandshake(Request& request, bool is_http_1_0) {
  bool asks = false;
  bool has_connection_token = false;
  std::string_view version;
  std::string_view key;
  int key_count = 0;
  for (const HeaderView& header : request.headers) {
    if (EqualIgnoringCase(header.name, "Upgrade")) {
      asks = asks || ListContains(header.value, "websocket");
    } else if (EqualIgnoringCase(header.name, "Connection")) {
      has_connection_token = has_connection_token || ListContains(header.value, "Upgrade");
    } else if (EqualIgnoringCase(header.name, "Sec-WebSocket-Version")) {
      version = header.value;
    } else if (EqualIgnoringCase(header.name, "Sec-WebSocket-Key")) {
      key = header.value;
      ++key_count;
    }
  }
  // A server ignores Upgrade in an HTTP/1.0 request (RFC 9110 section 7.8).
  if (!asks || is_http_1_0) {
    return std::nullopt;
  }
  if (request.method != "GET" || request.is_chunked || request.content_length > 0) {
    return Refusal{400, "expected a WebSocket handshake to be a GET request without a body", {}};
  }
  if (!has_connection_token) {
    return Refusal{400, "expected Connection: Upgrade beside Upgrade: websocket", {}};
  }
  if (version != "13") {
    return Refusal{426, "expected Sec-WebSocket-Version: 13, found \"" + std::string(version) + "\"",
                   "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"};
  }
  if (key_count != 1 || !IsKey(key)) {
    return Refusal{400, "expected one Sec-WebSocket-Key of 16 bytes in base64", {}};
  }
  request.is_upgrade = true;
  request.websocket_key = key;
  return std::nullopt;
}

std::string AcceptKey(std::string_view websocket_key) {
  Poco::SHA1Engine engine;
  engine.update(websocket_key.data(), websocket_key.size());
  engine.update(kGuid.data(), kGuid.size());
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  const Poco::DigestEngine::Digest& digest = engine.digest();
  encoder.write(reinterpret_cast<const char*>(digest.data()), static_cast<std::streamsize>(digest.size()));
  encoder.close();
  return out.str();
}

}  // namespace tutti::transport::http
