#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace tutti::test {
namespace {

constexpr std::size_t kPiece = 65536;
constexpr std::size_t kMostWaiting = 256;  // pieces of one direction; then its sender has to wait

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void Prepare(int socket_descriptor) {
  const int one = 1;
  setsockopt(socket_descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(socket_descriptor, F_SETFL, O_NONBLOCK);
}

void CloseHard(int& socket_descriptor) {
  if (socket_descriptor >= 0) {
    const linger at_once{1, 0};
    setsockopt(socket_descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(socket_descriptor);
    socket_descriptor = -1;
  }
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t target) : target_(target) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the proxy cannot listen on loopback");
  }
  port_ = ntohs(address.sin_port);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  thread_ = std::thread([this] { Run(); });
}

TcpProxy::~TcpProxy() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  Wake();
  thread_.join();
  for (auto& pair : pairs_) {
    Reset(*pair);
  }
  close(listener_);
  close(wake_);
}

void TcpProxy::Pass() {
  {
    const std::lock_guard lock(mutex_);
    way_ = Way::kPass;
    delay_ = {};
    bytes_per_second_ = 0;
    lose_times_ = 0;
    is_changed_ = true;
  }
  Wake();
}

void TcpProxy::Cut() {
  {
    const std::lock_guard lock(mutex_);
    way_ = Way::kCut;
  }
  Wake();
}

void TcpProxy::Silence() {
  {
    const std::lock_guard lock(mutex_);
    way_ = Way::kSilence;
  }
  Wake();
}

void TcpProxy::Delay(std::chrono::milliseconds by) {
  const std::lock_guard lock(mutex_);
  delay_ = by;
}

void TcpProxy::Throttle(std::size_t bytes_per_second) {
  const std::lock_guard lock(mutex_);
  bytes_per_second_ = bytes_per_second;
}

void TcpProxy::LoseAt(std::string text, Loss loss, int times, bool and_cut) {
  const std::lock_guard lock(mutex_);
  lose_at_ = std::move(text);
  loss_ = loss;
  lose_times_ = times;
  lose_cuts_ = and_cut;
}

int TcpProxy::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

void TcpProxy::Wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

void TcpProxy::Reset(Pair& pair) {
  CloseHard(pair.client);
  CloseHard(pair.server);
  pair.is_over = true;
}

void TcpProxy::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
      return;
    }
    auto pair = std::make_unique<Pair>();
    pair->client = client;
    Prepare(client);
    const std::lock_guard lock(mutex_);
    pair->is_silent = way_ == Way::kSilence;
    if (way_ == Way::kCut) {
      Reset(*pair);
      continue;
    }
    if (!pair->is_silent) {
      pair->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = Loopback(target_);
      if (connect(pair->server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        Reset(*pair);
        continue;
      }
      Prepare(pair->server);
    }
    pairs_.push_back(std::move(pair));
  }
}

bool TcpProxy::Read(Pair& pair, bool from_client) {
  std::string bytes(kPiece, '\0');
  const ssize_t count = recv(from_client ? pair.client : pair.server, bytes.data(), bytes.size(), 0);
  if (count <= 0) {
    return count < 0 && (errno == EAGAIN || errno == EINTR);
  }
  bytes.resize(static_cast<std::size_t>(count));
  const Time now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (pair.is_silent) {
    return true;
  }
  if (!from_client && pair.loses_answer) {
    Lose(pair);
    return true;
  }
  if (from_client && lose_times_ > 0 && bytes.find(lose_at_) != std::string::npos) {
    --lose_times_;
    if (loss_ == Loss::kAnswer) {
      pair.loses_answer = true;
    } else {
      Lose(pair);
      return true;
    }
  }
  (from_client ? pair.to_server : pair.to_client).waiting.push_back({now + delay_, std::move(bytes)});
  return true;
}

void TcpProxy::Lose(Pair& pair) {
  ++losses_;
  if (loss_ == Loss::kSilence) {
    pair.is_silent = true;
  } else {
    Reset(pair);
  }
  way_ = lose_cuts_ ? Way::kCut : way_;
}

void TcpProxy::Write(Pair& pair, bool to_client, Time now) {
  Direction& direction = to_client ? pair.to_client : pair.to_server;
  std::size_t rate = 0;
  {
    const std::lock_guard lock(mutex_);
    rate = bytes_per_second_;
  }
  while (!direction.waiting.empty() && direction.waiting.front().due <= now && direction.next <= now) {
    std::string& bytes = direction.waiting.front().bytes;
    const std::size_t most = rate == 0 ? bytes.size() : std::min(bytes.size(), std::max<std::size_t>(rate / 100, 1));
    const ssize_t sent = send(to_client ? pair.client : pair.server, bytes.data(), most, MSG_NOSIGNAL);
    if (sent < 0) {
      pair.is_over = errno != EAGAIN && errno != EINTR;
      return;
    }
    bytes.erase(0, static_cast<std::size_t>(sent));
    if (bytes.empty()) {
      direction.waiting.pop_front();
    }
    if (rate > 0) {
      direction.next = now + std::chrono::milliseconds(10);
    }
  }
}

void TcpProxy::Run() {
  while (true) {
    std::vector<pollfd> looks = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    int patience = -1;
    for (const auto& pair : pairs_) {
      const auto events = [&](const Direction& out, const Direction& in) {
        patience = out.waiting.empty() ? patience : 5;
        return static_cast<short>(in.waiting.size() < kMostWaiting ? POLLIN : 0);
      };
      looks.push_back({pair->client, events(pair->to_client, pair->to_server), 0});
      looks.push_back({pair->server, events(pair->to_server, pair->to_client), 0});
    }
    poll(looks.data(), looks.size(), patience);
    if (looks[1].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t taken = read(wake_, &count, sizeof count);
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      Pair& pair = *pairs_[i];
      for (const bool from_client : {true, false}) {
        const pollfd& look = looks[2 + 2 * i + (from_client ? 0 : 1)];
        if (!pair.is_over && look.fd >= 0 && look.revents != 0 && !Read(pair, from_client)) {
          // Silence does not tell one end that the other has gone.
          if (pair.is_silent) {
            CloseHard(from_client ? pair.client : pair.server);
          } else {
            pair.is_over = true;
          }
        }
      }
    }
    const Time now = std::chrono::steady_clock::now();
    for (auto& pair : pairs_) {
      for (const bool to_client : {true, false}) {
        if (!pair->is_over && !pair->is_silent) {
          Write(*pair, to_client, now);
        }
      }
    }
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) {
        return;
      }
      const bool is_new = std::exchange(is_changed_, false);
      for (auto& pair : pairs_) {
        pair->is_silent = pair->is_silent || way_ == Way::kSilence;
        pair->is_over =
            pair->is_over || way_ == Way::kCut || (is_new && pair->is_silent) || (pair->client < 0 && pair->server < 0);
      }
    }
    for (auto& pair : pairs_) {
      if (pair->is_over) {
        Reset(*pair);
      }
    }
    std::erase_if(pairs_, [](const auto& pair) { return pair->is_over; });
    Accept();
  }
}

}  // namespace tutti::test
