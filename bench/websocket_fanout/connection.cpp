#include "connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace tutti::bench {
namespace {

// FIN, opcode and length; servers do not mask.
constexpr std::size_t kShortHeader = 2;

std::size_t HeaderSize(const std::string& header) {
  const auto length = static_cast<unsigned char>(header[1]) & 0x7FU;
  return kShortHeader + (length == 126 ? 2 : length == 127 ? 8 : 0);
}

[[noreturn]] void Fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

}  // namespace

int Connect(std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (descriptor < 0 || connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    Fail("fanout_client: connect");
  }
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

void SendAll(int descriptor, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = send(descriptor, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (count <= 0) {
      Fail("fanout_client: send");
    }
    done += static_cast<std::size_t>(count);
  }
}

int OpenWebSocket(std::uint16_t port, std::string& left_over) {
  const int descriptor = Connect(port);
  SendAll(descriptor, "GET /bench/ws HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  std::string answer;
  std::size_t end = std::string::npos;
  while ((end = answer.find("\r\n\r\n")) == std::string::npos) {
    char buffer[4096];
    const ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
    if (count <= 0) {
      Fail("fanout_client: handshake");
    }
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  if (answer.rfind("HTTP/1.1 101", 0) != 0) {
    std::fprintf(stderr, "fanout_client: expected status 101 at /bench/ws, found: %s\n", answer.c_str());
    std::exit(1);
  }
  left_over = answer.substr(end + 4);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

std::size_t FrameCounter::Feed(const char* bytes, std::size_t size) {
  std::size_t events = 0;
  for (std::size_t i = 0; i < size;) {
    if (payload_left_ == 0) {
      header_ += bytes[i++];
      if (header_.size() >= kShortHeader && header_.size() == HeaderSize(header_)) {
        BeginPayload();
      }
    } else {
      const std::uint64_t step = std::min<std::uint64_t>(payload_left_, size - i);
      payload_left_ -= step;
      i += step;
    }
    if (payload_left_ == 0 && header_.empty() && is_event_) {
      ++events;
      is_event_ = false;
    }
  }
  return events;
}

void FrameCounter::BeginPayload() {
  std::uint64_t length = static_cast<unsigned char>(header_[1]) & 0x7FU;
  if (length >= 126) {
    length = 0;
    for (std::size_t i = kShortHeader; i < header_.size(); ++i) {
      length = length << 8U | static_cast<unsigned char>(header_[i]);
    }
  }
  ping_pending_ = ping_pending_ || (static_cast<unsigned char>(header_[0]) & 0x0FU) == 0x9;
  is_event_ = length >= kEventSize;
  payload_left_ = length;
  header_.clear();
}

}  // namespace tutti::bench
