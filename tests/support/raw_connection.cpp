#include "tests/support/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace tutti::test {
namespace {

std::size_t ContentLength(const std::string& head) {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos) {
    constexpr std::string_view kName = "content-length:";
    if (strncasecmp(head.c_str() + at + 2, kName.data(), kName.size()) == 0) {
      return std::strtoul(head.c_str() + at + 2 + kName.size(), nullptr, 10);
    }
    at = head.find("\r\n", at + 2);
  }
  return 0;
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, int receive_buffer)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(descriptor_);
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
}

RawConnection::~RawConnection() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

RawConnection::RawConnection(RawConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

bool RawConnection::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void RawConnection::SendWithoutWaiting(std::string_view bytes) const {
  (void)send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool RawConnection::Fill(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd waited{descriptor_, POLLIN, 0};
  if (left.count() <= 0 || poll(&waited, 1, static_cast<int>(left.count())) <= 0) {
    return false;
  }
  char bytes[16384];
  const ssize_t count = recv(descriptor_, bytes, sizeof bytes, 0);
  if (count <= 0) {
    return false;
  }
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string RawConnection::ReadAnswer(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t size = end + 4 + ContentLength(buffer_.substr(0, end));
      if (buffer_.size() >= size) {
        std::string answer = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return answer;
      }
    }
    if (!Fill(deadline)) {
      return std::exchange(buffer_, {});
    }
  }
}

bool RawConnection::ReadUntil(const std::string& text, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (buffer_.find(text) == std::string::npos) {
    // What could be the beginning of it stays.
    buffer_.erase(0, buffer_.size() - std::min(buffer_.size(), text.size()));
    if (!Fill(deadline)) {
      return false;
    }
  }
  return true;
}

bool RawConnection::ReadBytes(std::size_t size, std::string& bytes, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (buffer_.size() < size) {
    if (!Fill(deadline)) {
      return false;
    }
  }
  bytes = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return true;
}

bool RawConnection::ReadLine(std::string& line, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    if (!Fill(deadline)) {
      return false;
    }
  }
  line = buffer_.substr(0, end > 0 && buffer_[end - 1] == '\r' ? end - 1 : end);
  buffer_.erase(0, end + 1);
  return true;
}

bool RawConnection::Upgrade(const std::string& path, const std::string& headers) {
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                              headers + "\r\n";
  return Send(request) && StatusOf(ReadAnswer()) == 101;
}

int StatusOf(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : 0;
}

}  // namespace tutti::test
