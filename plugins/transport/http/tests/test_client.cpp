#include "test_client.h"

#include <Poco/Net/SocketAddress.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tutti::transport::http::testing {

std::uint16_t Frame::close_code() const {
  return payload.size() < 2 ? 0
                            : static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                                         static_cast<std::uint8_t>(payload[1]));
}

std::string MaskedFrame(std::uint8_t opcode, std::string_view payload, bool is_final) {
  constexpr char kMask[4] = {0x12, 0x34, 0x56, 0x78};
  std::string frame(1, static_cast<char>((is_final ? 0x80 : 0) | opcode));
  int length_bytes = 0;
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else if (payload.size() < 65536) {
    frame.push_back(static_cast<char>(0x80 | 126));
    length_bytes = 2;
  } else {
    frame.push_back(static_cast<char>(0x80 | 127));
    length_bytes = 8;
  }
  for (int i = length_bytes - 1; i >= 0; --i) {
    frame.push_back(static_cast<char>(payload.size() >> (8 * i) & 0xFF));
  }
  frame.append(kMask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ kMask[i % 4]));
  }
  return frame;
}

std::string ClosePayload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  payload.push_back(static_cast<char>(code >> 8));
  payload.push_back(static_cast<char>(code & 0xFF));
  return payload.append(reason);
}

TestClient::TestClient(const std::string& address, int receive_buffer) {
  const Poco::Net::SocketAddress target(address);
  descriptor_ = socket(target.af(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer > 0) {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  EXPECT_EQ(connect(descriptor_, target.addr(), target.length()), 0) << std::strerror(errno);
}

TestClient::~TestClient() {
  Close();
}

TestClient::TestClient(TestClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

void TestClient::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      // The server may have refused and closed meanwhile; what it said tells.
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t TestClient::SendSome(std::string_view bytes) const {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const ssize_t sent = send(descriptor_, bytes.data() + total, bytes.size() - total, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) {
      break;
    }
    total += static_cast<std::size_t>(sent);
  }
  return total;
}

bool TestClient::Fill() {
  char bytes[16384];
  const ssize_t size = recv(descriptor_, bytes, sizeof bytes, 0);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    ADD_FAILURE() << "the server sent nothing for ten seconds";
  }
  if (size <= 0) {
    return false;
  }
  buffer_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

bool TestClient::Need(std::size_t size) {
  while (buffer_.size() < size) {
    if (!Fill()) {
      return false;
    }
  }
  return true;
}

Response TestClient::ReadResponse(bool is_head) {
  Response response;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) {
      return response;
    }
  }
  const std::string head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  response.status = std::stoi(head.substr(9, 3));
  std::size_t begin = head.find("\r\n") + 2;
  while (begin < head.size()) {
    const std::size_t line_end = head.find("\r\n", begin);
    const std::string line = head.substr(begin, line_end - begin);
    std::string name = line.substr(0, line.find(':'));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    response.headers[name] = line.substr(line.find(':') + 2);
    begin = line_end + 2;
  }
  const auto length = response.headers.find("content-length");
  if (length != response.headers.end() && !is_head) {
    const std::size_t size = std::stoul(length->second);
    if (Need(size)) {
      response.body = buffer_.substr(0, size);
      buffer_.erase(0, size);
    }
  }
  return response;
}

void TestClient::OpenWebSocket() {
  Send(kHandshake);
  EXPECT_EQ(ReadResponse().status, 101);
}

Frame TestClient::ReadFrame() {
  Frame frame;
  if (!Need(2)) {
    ADD_FAILURE() << "expected a frame, found the end of the stream";
    return frame;
  }
  frame.is_final = (static_cast<std::uint8_t>(buffer_[0]) & 0x80U) != 0;
  frame.opcode = static_cast<std::uint8_t>(buffer_[0]) & 0x0F;
  std::size_t size = static_cast<std::uint8_t>(buffer_[1]);
  EXPECT_LT(size, 128U) << "a server does not mask";
  std::size_t header = 2;
  if (size >= 126) {
    header = size == 126 ? 4 : 10;
    if (!Need(header)) {
      return frame;
    }
    size = 0;
    for (std::size_t i = 2; i < header; ++i) {
      size = size << 8 | static_cast<std::uint8_t>(buffer_[i]);
    }
  }
  if (Need(header + size)) {
    frame.payload = buffer_.substr(header, size);
    buffer_.erase(0, header + size);
  }
  return frame;
}

std::string TestClient::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(buffer_, {});
}

bool TestClient::ReadsEnd() {
  return buffer_.empty() && !Fill();
}

void TestClient::ShutSending() const {
  shutdown(descriptor_, SHUT_WR);
}

void TestClient::Close() {
  if (descriptor_ >= 0) {
    close(std::exchange(descriptor_, -1));
  }
}

}  // namespace tutti::transport::http::testing
