#include "tests/support/event_client.h"

#include <cstdlib>

namespace tutti::test {
namespace {

constexpr unsigned kText = 1;
constexpr unsigned kPing = 9;
constexpr std::size_t kTwoByteSize = 126;
constexpr std::size_t kEightByteSize = 127;

// Masked with zeros, which leave the payload as it is.
std::string Pong(const std::string& payload) {
  std::string frame = {static_cast<char>(0x8A), static_cast<char>(0x80U | payload.size()), 0, 0, 0, 0};
  return frame + payload;
}

}  // namespace

EventClient::EventClient(std::uint16_t port, Protocol protocol, const std::string& query,
                         const std::string& last_event_id, int receive_buffer)
    : connection_(port, receive_buffer), protocol_(protocol) {
  const bool is_socket = protocol == Protocol::kWebSocket;
  std::string request = std::string("GET ") + (is_socket ? "/ws" : "/v1/events/stream") +
                        (query.empty() ? "" : "?" + query) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (is_socket) {
    request +=
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  } else if (!last_event_id.empty()) {
    request += "Last-Event-ID: " + last_event_id + "\r\n";
  }
  if (connection_.Send(request + "\r\n")) {
    answer_ = connection_.ReadAnswer();
    status_ = StatusOf(answer_);
  }
}

std::optional<std::string> EventClient::Next(std::chrono::milliseconds patience) {
  return protocol_ == Protocol::kWebSocket ? NextFrame(patience) : NextServerSent(patience);
}

std::optional<std::string> EventClient::NextFrame(std::chrono::milliseconds patience) {
  std::string bytes;
  while (connection_.ReadBytes(2, bytes, patience)) {
    const unsigned opcode = static_cast<unsigned char>(bytes[0]) & 0x0FU;
    std::size_t size = static_cast<unsigned char>(bytes[1]) & 0x7FU;
    if (size >= kTwoByteSize) {
      if (!connection_.ReadBytes(size == kEightByteSize ? 8 : 2, bytes, patience)) {
        return std::nullopt;
      }
      size = 0;
      for (const char byte : bytes) {
        size = size << 8U | static_cast<unsigned char>(byte);
      }
    }
    if (!connection_.ReadBytes(size, bytes, patience)) {
      return std::nullopt;
    }
    if (opcode == kText) {
      return bytes;
    }
    if (opcode != kPing || !connection_.Send(Pong(bytes))) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

bool EventClient::NextBodyLine(std::string& line, std::chrono::milliseconds patience) {
  std::size_t end = 0;
  while ((end = body_.find('\n')) == std::string::npos) {
    std::string text;
    if (!connection_.ReadLine(text, patience)) {
      return false;
    }
    const std::size_t size = std::strtoul(text.c_str(), nullptr, 16);
    if (size == 0 || !connection_.ReadBytes(size + 2, text, patience)) {
      return false;
    }
    body_.append(text, 0, size);
  }
  line = body_.substr(0, end);
  body_.erase(0, end + 1);
  return true;
}

std::optional<std::string> EventClient::NextServerSent(std::chrono::milliseconds patience) {
  std::string data;
  std::string id;
  std::string line;
  // Comments that keep coming are no event.
  const auto until = std::chrono::steady_clock::now() + patience;
  while ((!data.empty() || std::chrono::steady_clock::now() < until) && NextBodyLine(line, patience)) {
    if (line.starts_with("data: ")) {
      data = line.substr(6);
    } else if (line.starts_with("id: ")) {
      id = line.substr(4);
    } else if (line.starts_with(":")) {
      ++comments_;
    } else if (line.empty() && !data.empty()) {
      last_id_ = id.empty() ? last_id_ : id;
      return data;
    }
  }
  return std::nullopt;
}

}  // namespace tutti::test
