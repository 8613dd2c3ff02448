#include "acceptor.h"

#include <Poco/Net/SocketAddress.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "clock.h"
#include "io_loop.h"
#include "response_writer.h"

namespace tutti::transport::http {
namespace {

constexpr int kAcceptsPerTurn = 64;

std::string AddressText(int descriptor, int (*get)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (get(descriptor, address, &length) != 0) {
    return {};
  }
  return Poco::Net::SocketAddress(address, length).toString();
}

std::string TooManyBytes(const std::string& what) {
  return RefusalBytes({503, what + "; try again in a second", "Retry-After: 1\r\n"}, false);
}

}  // namespace

Acceptor::Acceptor(Context context, std::vector<Poco::Net::ServerSocket> sockets)
    : context_(context), sockets_(std::move(sockets)), spare_(open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Acceptor::~Acceptor() {
  if (spare_ >= 0) {
    close(spare_);
  }
}

int Acceptor::descriptor(std::size_t index) const {
  return sockets_[index].impl()->sockfd();
}

void Acceptor::Accept(std::size_t index) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    const int accepted = accept4(descriptor(index), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      Admit(accepted);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE) {
      RefuseWithSpare(descriptor(index));
    }
    if (errno != ECONNABORTED && errno != EINTR) {
      return;
    }
  }
}

void Acceptor::Admit(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Counters& counters = context_.counters;
  const bool is_surplus =
      counters.open_connections.load() >= static_cast<std::int64_t>(context_.settings.max_connections);
  Connection* const connection = context_.table.Acquire();
  if (connection == nullptr) {
    counters.connections_refused++;
    close(descriptor);
    return;
  }
  {
    const std::lock_guard lock(connection->mutex);
    connection->is_surplus = is_surplus;
    connection->descriptor = descriptor;
    connection->phase = Phase::kReading;
    connection->changed_ms = SteadyMs();
    connection->has_attention = true;
    if (is_surplus) {
      connection->phase = Phase::kDraining;
      connection->output.Push(std::make_shared<const std::string>(TooManyBytes(
          "this server has its limit of " + std::to_string(context_.settings.max_connections) + " connections open")));
    } else {
      connection->peer = AddressText(descriptor, &getpeername);
      connection->local = AddressText(descriptor, &getsockname);
    }
  }
  if (is_surplus) {
    counters.connections_refused++;
  } else {
    counters.connections++;
    counters.open_connections++;
  }
  connection->loop->Attend(*connection);
}

void Acceptor::RefuseWithSpare(int listening) {
  if (spare_ < 0) {
    return;
  }
  close(spare_);
  const int accepted = accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) {
    const std::string bytes = TooManyBytes("this server is out of file descriptors");
    (void)send(accepted, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(accepted);
    context_.counters.connections_refused++;
  }
  spare_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  errno = EAGAIN;
}

}  // namespace tutti::transport::http
