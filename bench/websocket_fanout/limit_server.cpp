// fanout_limit PORT: the least a server can do to fan out events, as the limit that others are measured against.
//
// One thread, one epoll. It understands exactly the requests of fanout_client and checks nothing. Events are framed
// once into one shared log; each client is a position in it, so that whatever is waiting for a client leaves in one
// write.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>

namespace {

constexpr std::size_t kLogLimit = 64U << 20U;

struct Client {
  bool is_websocket = false;
  bool waits_for_room = false;
  std::uint64_t position = 0;  // in the log, counted from the start of the server
  std::string request;
};

std::string AcceptKey(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char encoded[64];
  EVP_EncodeBlock(encoded, digest, static_cast<int>(size));
  return reinterpret_cast<const char*>(encoded);
}

class Server {
 public:
  explicit Server(std::uint16_t port) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    const std::string body = R"({"type":"bench","data":")" + std::string(1000, 'x') + R"("})";
    event_ =
        std::string("\x81\x7E") + static_cast<char>(body.size() >> 8U) + static_cast<char>(body.size() & 0xFFU) + body;
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 4096) != 0) {
      std::perror("fanout_limit");
      std::exit(1);
    }
    Watch(listener_, EPOLL_CTL_ADD, EPOLLIN);
  }

  [[noreturn]] void Run() {
    for (;;) {
      epoll_event events[512];
      const int count = epoll_wait(epoll_, events, 512, -1);
      const std::size_t log_before = log_.size();
      for (int i = 0; i < count; ++i) {
        Handle(events[i].data.fd, events[i].events);
      }
      if (log_.size() != log_before) {
        SendToAll();
      }
      Trim();
    }
  }

 private:
  void Watch(int descriptor, int operation, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    epoll_ctl(epoll_, operation, descriptor, &event);
  }

  void Handle(int descriptor, std::uint32_t events) {
    if (descriptor == listener_) {
      Accept();
      return;
    }
    Client& client = clients_[descriptor];
    if ((events & EPOLLOUT) != 0) {
      Send(descriptor, client);
    }
    if ((events & EPOLLIN) != 0) {
      Read(descriptor, client);
    }
  }

  void Accept() {
    for (int descriptor = 0; (descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      const int on = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      clients_[descriptor] = Client();
      Watch(descriptor, EPOLL_CTL_ADD, EPOLLIN);
    }
  }

  void Read(int descriptor, Client& client) {
    char buffer[4096];
    const ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
    if (count <= 0) {
      close(descriptor);
      clients_.erase(descriptor);
      return;
    }
    if (client.is_websocket) {
      return;
    }
    client.request.append(buffer, static_cast<std::size_t>(count));
    const std::size_t end = client.request.find("\r\n\r\n");
    if (end == std::string::npos) {
      return;
    }
    if (client.request.rfind("POST", 0) == 0) {
      if (client.request.size() >= end + 6) {
        client.request.clear();
        log_ += event_;
        Answer(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
      }
      return;
    }
    const std::string name = "Sec-WebSocket-Key: ";
    const std::size_t key = client.request.find(name) + name.size();
    Answer(descriptor,
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
               AcceptKey(client.request.substr(key, client.request.find('\r', key) - key)) + "\r\n\r\n");
    client.is_websocket = true;
    client.position = log_start_ + log_.size();
  }

  static void Answer(int descriptor, const std::string& text) {
    if (send(descriptor, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
      std::perror("fanout_limit: send");
    }
  }

  void SendToAll() {
    for (auto& [descriptor, client] : clients_) {
      if (client.is_websocket && !client.waits_for_room) {
        Send(descriptor, client);
      }
    }
  }

  void Send(int descriptor, Client& client) {
    const std::size_t offset = client.position - log_start_;
    const std::size_t size = log_.size() - offset;
    const ssize_t count = size == 0 ? 0 : send(descriptor, log_.data() + offset, size, MSG_NOSIGNAL);
    client.position += count > 0 ? static_cast<std::size_t>(count) : 0;
    const bool is_behind = client.position < log_start_ + log_.size();
    if (is_behind != client.waits_for_room) {
      client.waits_for_room = is_behind;
      Watch(descriptor, EPOLL_CTL_MOD, is_behind ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
  }

  // Drops what everybody has.
  void Trim() {
    if (log_.size() < kLogLimit / 64) {
      return;
    }
    std::uint64_t first = log_start_ + log_.size();
    for (const auto& [descriptor, client] : clients_) {
      if (client.is_websocket) {
        first = std::min(first, client.position);
      }
    }
    log_.erase(0, first - log_start_);
    log_start_ = first;
    if (log_.size() > kLogLimit) {
      std::fprintf(stderr, "fanout_limit: a client is %zu bytes behind\n", log_.size());
      std::exit(1);
    }
  }

  const int epoll_;
  int listener_ = -1;
  std::string event_;
  std::string log_;
  std::uint64_t log_start_ = 0;
  std::unordered_map<int, Client> clients_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fanout_limit PORT\n");
    return 2;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Server(static_cast<std::uint16_t>(std::atoi(argv[1]))).Run();
}
