#include "connection_pool.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/URI.h>

#include <utility>

#include "cancellation.h"

namespace tutti::anthropic {
namespace {

using Poco::Net::Context;
using Poco::Net::IPAddress;
using Poco::Net::StreamSocket;

// Poco's own constructor for a connected socket fails: it sets a port on it.
class AttachedSession : public Poco::Net::HTTPSClientSession {
 public:
  AttachedSession(Context::Ptr context, const Poco::Net::SecureStreamSocket& socket) : HTTPSClientSession(context) {
    attachSocket(socket);
  }
};

Poco::Timespan Span(std::chrono::milliseconds time) {
  return Poco::Timespan(time.count() * 1000);
}

std::vector<IPAddress> AddressesOf(const std::string& host) {
  IPAddress address;
  if (IPAddress::tryParse(host, address)) {
    return {address};
  }
  const auto entry = Poco::Net::DNS::hostByName(host);
  if (entry.addresses().empty()) {
    throw Poco::Net::NoAddressFoundException(host);
  }
  return {entry.addresses().begin(), entry.addresses().end()};
}

StreamSocket ConnectTo(const Endpoint& endpoint, std::chrono::milliseconds timeout, Cancellation& cancellation) {
  const auto addresses = AddressesOf(endpoint.host);
  for (std::size_t i = 0;; ++i) {
    StreamSocket socket(addresses[i].family());
    cancellation.Watch(socket.impl()->sockfd());
    try {
      socket.connect(Poco::Net::SocketAddress(addresses[i], endpoint.port), Span(timeout));
      return socket;
    } catch (const Poco::Exception&) {
      if (i + 1 == addresses.size() || cancellation.is_cancelled()) {
        throw;
      }
    }
  }
}

bool IsStillGood(Connection& connection, std::chrono::milliseconds keep_alive) {
  if (std::chrono::steady_clock::now() - connection.idle_since > keep_alive) {
    return false;
  }
  // Readable without a request means closed by the peer, or bytes that belong to nothing.
  return !connection.session->socket().poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ);
}

}  // namespace

Result<Endpoint> ParseBaseUrl(std::string_view url) {
  try {
    const Poco::URI uri{std::string(url)};
    Endpoint endpoint;
    endpoint.is_secure = uri.getScheme() == "https";
    const bool is_http = endpoint.is_secure || uri.getScheme() == "http";
    if (!is_http || uri.getHost().empty() || !uri.getUserInfo().empty() || !uri.getRawQuery().empty() ||
        !uri.getFragment().empty()) {
      return Status::InvalidArgument("expected `base_url` to be http(s)://host[:port][/path], found something else");
    }
    endpoint.host = uri.getHost();
    endpoint.port = uri.getPort();
    endpoint.path = uri.getPath();
    while (endpoint.path.ends_with('/')) {
      endpoint.path.pop_back();
    }
    return endpoint;
  } catch (const Poco::Exception&) {
    return Status::InvalidArgument("expected `base_url` to be http(s)://host[:port][/path], found something else");
  }
}

struct ConnectionPool::Tls {
  explicit Tls(const std::string& ca_file) {
    Poco::Net::initializeSSL();
    context = new Context(Context::TLS_CLIENT_USE, ca_file, Context::VERIFY_RELAXED, 9, true);
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    context->enableExtendedCertificateVerification(true);
  }

  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  ~Tls() {
    context = nullptr;
    Poco::Net::uninitializeSSL();
  }

  Context::Ptr context;
};

ConnectionPool::ConnectionPool(Endpoint endpoint, ConnectionSettings settings)
    : endpoint_(std::move(endpoint)),
      settings_(std::move(settings)),
      tls_(endpoint_.is_secure ? std::make_unique<Tls>(settings_.ca_file) : nullptr) {}

ConnectionPool::~ConnectionPool() {
  idle_.clear();
}

std::unique_ptr<Connection> ConnectionPool::Take(Cancellation& cancellation) {
  while (auto connection = TakeIdle()) {
    if (IsStillGood(*connection, settings_.keep_alive)) {
      connection->is_reused = true;
      cancellation.Watch(connection->session->socket().impl()->sockfd());
      return connection;
    }
  }
  return Open(cancellation);
}

std::unique_ptr<Connection> ConnectionPool::Open(Cancellation& cancellation) {
  StreamSocket socket = ConnectTo(endpoint_, settings_.connect_timeout, cancellation);
  socket.setNoDelay(true);
  socket.setSendTimeout(Span(settings_.connect_timeout));
  socket.setReceiveTimeout(Span(settings_.connect_timeout));
  auto connection = std::make_unique<Connection>();
  if (tls_) {
    const auto secure = Poco::Net::SecureStreamSocket::attach(socket, endpoint_.host, tls_->context);
    connection->session = std::make_unique<AttachedSession>(tls_->context, secure);
  } else {
    connection->session = std::make_unique<Poco::Net::HTTPClientSession>(socket);
  }
  connection->session->setKeepAlive(true);
  socket.setSendTimeout(Span(settings_.idle_timeout));
  socket.setReceiveTimeout(Span(settings_.idle_timeout));
  return connection;
}

void ConnectionPool::Keep(std::unique_ptr<Connection> connection) {
  connection->idle_since = std::chrono::steady_clock::now();
  std::unique_ptr<Connection> surplus;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  if (idle_.size() > settings_.max_idle) {
    surplus = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
}

void ConnectionPool::CloseIdle() {
  std::vector<std::unique_ptr<Connection>> closing;
  const std::lock_guard lock(mutex_);
  closing.swap(idle_);
}

std::unique_ptr<Connection> ConnectionPool::TakeIdle() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    return nullptr;
  }
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

}  // namespace tutti::anthropic
