#include "tests/support/fake_anthropic/fake_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace tutti::fake_anthropic {
namespace {

constexpr std::size_t kMaxConnections = 64;
constexpr std::size_t kMaxRequestBytes = 64 << 20;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return lower;
}

// Bytes of one connection, read ahead.
class Wire {
 public:
  explicit Wire(int descriptor) : descriptor_(descriptor) {}

  std::optional<Received> ReadRequest() {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) {
        return {};
      }
    }
    Received request = ParseHead(buffer_.substr(0, end));
    buffer_.erase(0, end + 4);
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (buffer_.size() < size) {
      if (size > kMaxRequestBytes || !Fill()) {
        return {};
      }
    }
    request.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return request;
  }

  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Reads and drops until the other end closes.
  void WaitForClose() {
    while (Fill()) {
      buffer_.clear();
    }
  }

  // True when the other end closed within the pause.
  bool Pause(std::chrono::milliseconds pause) const {
    pollfd watched{descriptor_, POLLRDHUP, 0};
    return pause.count() > 0 && ::poll(&watched, 1, static_cast<int>(pause.count())) > 0;
  }

 private:
  static Received ParseHead(const std::string& head) {
    Received request;
    const std::size_t line_end = head.find("\r\n");
    const std::string line = head.substr(0, line_end);
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, second - first - 1);
    std::size_t position = line_end;
    while (position != std::string::npos) {
      const std::size_t begin = position + 2;
      position = head.find("\r\n", begin);
      const std::string field = head.substr(begin, position == std::string::npos ? position : position - begin);
      const std::size_t colon = field.find(':');
      if (colon != std::string::npos) {
        const std::size_t value = field.find_first_not_of(' ', colon + 1);
        request.headers[Lower(field.substr(0, colon))] = value == std::string::npos ? "" : field.substr(value);
      }
    }
    return request;
  }

  bool Fill() {
    char bytes[16384];
    const ssize_t count = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (count <= 0) {
      return false;
    }
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int descriptor_;
  std::string buffer_;
};

std::vector<std::string_view> Cut(std::string_view body, Reply::Split split) {
  std::vector<std::string_view> pieces;
  while (!body.empty()) {
    std::size_t size = body.size();
    if (split == Reply::Split::kBytes) {
      size = 1;
    } else if (split == Reply::Split::kLines) {
      const std::size_t end = body.find('\n');
      size = end == std::string_view::npos ? body.size() : end + 1;
    }
    pieces.push_back(body.substr(0, size));
    body.remove_prefix(size);
  }
  return pieces;
}

std::string Head(const Reply& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Reply\r\n";
  for (const auto& [name, value] : reply.headers) {
    head += name + ": " + value + "\r\n";
  }
  switch (reply.framing) {
    case Reply::Framing::kChunked:
      return head + "Transfer-Encoding: chunked\r\n\r\n";
    case Reply::Framing::kLength:
      return head + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
    case Reply::Framing::kClose:
      return head + "Connection: close\r\n\r\n";
  }
  return head;
}

std::string Chunk(std::string_view piece) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  return size + std::string(piece) + "\r\n";
}

// True when the connection can take another request.
bool Answer(Wire& wire, const Reply& reply) {
  if (!wire.Send(Head(reply))) {
    return false;
  }
  const bool is_chunked = reply.framing == Reply::Framing::kChunked;
  for (const auto piece : Cut(reply.body, reply.split)) {
    if (wire.Pause(reply.pause) || !wire.Send(is_chunked ? Chunk(piece) : std::string(piece))) {
      return false;
    }
  }
  if (reply.end == Reply::End::kHang) {
    wire.WaitForClose();
    return false;
  }
  if (reply.end == Reply::End::kCut || reply.framing == Reply::Framing::kClose) {
    return false;
  }
  return !is_chunked || wire.Send("0\r\n\r\n");
}

bool Fits(const Reply& reply, const std::string& body) {
  const auto has = [&](const std::string& text) { return body.find(text) != std::string::npos; };
  return reply.times >= 0 && std::all_of(reply.contains.begin(), reply.contains.end(), has) &&
         std::none_of(reply.lacks.begin(), reply.lacks.end(), has);
}

}  // namespace

FakePeer::FakePeer(std::function<void(const Received&)> on_request) : on_request_(std::move(on_request)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 64) != 0 || ::getsockname(listener_, raw, &size) != 0) {
    ::close(listener_);
    throw std::runtime_error("the fake peer cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

FakePeer::~FakePeer() {
  is_stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, descriptor] : open_) {
      ::shutdown(descriptor, SHUT_RDWR);
    }
  }
  for (auto& connection : connections_) {
    connection.join();
  }
}

void FakePeer::Add(Reply reply) {
  const std::lock_guard lock(mutex_);
  replies_.push_back(std::move(reply));
}

std::vector<Received> FakePeer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

bool FakePeer::WaitForRequests(std::size_t count, std::chrono::milliseconds deadline) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, deadline, [&] { return received_.size() >= count; });
}

bool FakePeer::WaitForNoConnection(std::chrono::milliseconds deadline) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, deadline, [&] { return open_.empty(); });
}

void FakePeer::Accept() {
  for (std::size_t number = 0; !is_stopping_; ++number) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) {
      continue;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || open_.size() >= kMaxConnections) {
      ::close(descriptor);
      continue;
    }
    open_[number] = descriptor;
    connections_.emplace_back([this, descriptor, number] { Serve(descriptor, number); });
  }
}

void FakePeer::Serve(int descriptor, std::size_t number) {
  Wire wire(descriptor);
  while (auto request = wire.ReadRequest()) {
    request->connection = number;
    const Reply reply = Choose(*request);
    if (on_request_) {
      on_request_(*request);
    }
    if (!Answer(wire, reply)) {
      break;
    }
  }
  const std::lock_guard lock(mutex_);
  open_.erase(number);
  ::close(descriptor);
  changed_.notify_all();
}

Reply FakePeer::Choose(const Received& request) {
  const std::lock_guard lock(mutex_);
  received_.push_back(request);
  changed_.notify_all();
  const auto found =
      std::find_if(replies_.begin(), replies_.end(), [&](const Reply& reply) { return Fits(reply, request.body); });
  if (found == replies_.end()) {
    Reply missing;
    missing.status = 500;
    missing.headers = {{"x-should-retry", "false"}};
    missing.framing = Reply::Framing::kLength;
    missing.body = R"({"type":"error","error":{"type":"api_error","message":"the fake peer has no reply for this"}})";
    return missing;
  }
  Reply chosen = *found;
  if (found->times > 0 && --found->times == 0) {
    replies_.erase(found);
  }
  return chosen;
}

}  // namespace tutti::fake_anthropic
