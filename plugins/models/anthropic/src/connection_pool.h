// Connections to one endpoint: opened when needed, kept for reuse while idle.
//
// Threads: ConnectionPool from any thread; a Connection belongs to whoever took it.
// Errors: what Poco throws; the caller turns it into a Failure.
#pragma once

#include <Poco/Net/HTTPClientSession.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::anthropic {

class Cancellation;

struct Endpoint {
  bool is_secure = true;
  std::string host;
  std::uint16_t port = 443;
  std::string path;  // prefix of every request's path, without a slash at the end
};

// "https://host[:port][/path]" or http://. INVALID_ARGUMENT for anything else, credentials in it included.
Result<Endpoint> ParseBaseUrl(std::string_view url);

struct ConnectionSettings {
  std::chrono::milliseconds connect_timeout{10000};  // for one address, and again for the TLS handshake
  std::chrono::milliseconds idle_timeout{90000};     // longest silence while reading or writing
  std::chrono::milliseconds keep_alive{30000};       // how long an idle connection is kept
  std::size_t max_idle = 8;
  std::string ca_file;  // trusted certificates besides the system's; empty: none
};

struct Connection {
  std::unique_ptr<Poco::Net::HTTPClientSession> session;
  bool is_reused = false;
  std::chrono::steady_clock::time_point idle_since;
};

class ConnectionPool {
 public:
  ConnectionPool(Endpoint endpoint, ConnectionSettings settings);
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool();

  // A kept connection that is still good, else a new one. `cancellation` watches it from before the connect.
  std::unique_ptr<Connection> Take(Cancellation& cancellation);

  // Always a new connection.
  std::unique_ptr<Connection> Open(Cancellation& cancellation);

  // REQUIRES: the last response was read to its end and allows reuse.
  void Keep(std::unique_ptr<Connection> connection);

  void CloseIdle();

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Tls;

  std::unique_ptr<Connection> TakeIdle();

  const Endpoint endpoint_;
  const ConnectionSettings settings_;
  std::unique_ptr<Tls> tls_;  // only for https
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_; newest last
};

}  // namespace tutti::anthropic
