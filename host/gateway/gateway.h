// Between any transport and the dispatcher: routes, authorises, checks origins, and writes error bodies.
//
// Threads: any. Ownership: borrows dispatcher, routes, bus and calls, which outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/dispatch/dispatcher.h"
#include "host/dispatch/routes.h"
#include "host/events/event_bus.h"
#include "tutti/abi/transport.h"

namespace tutti::host {

struct GatewayToken {
  std::string token;  // compared in constant time
  std::string principal;
  std::vector<std::string> scopes;
};

struct GatewaySettings {
  std::vector<GatewayToken> tokens;          // none: loopback only, everybody is the local user
  std::vector<std::string> origins;          // besides same origin
  std::vector<std::string> hosts;            // Host names besides loopback names and the listen addresses
  std::vector<std::string> trusted_proxies;  // peers whose X-Forwarded-* count
  std::size_t max_subscribers = 12000;
  std::string title = "Tutti";
  std::string version;
};

// What the gateway needs of a transport; the server implements it over the plugin's table.
class TransportPort {
 public:
  virtual ~TransportPort() = default;
  virtual void Respond(std::uint64_t exchange, const tutti_response& response) = 0;
  virtual bool Upgrade(std::uint64_t exchange, std::string_view protocol) = 0;
  // accepted[i]: OK, WOULD_BLOCK, NOT_FOUND.
  virtual void Send(const std::vector<std::uint64_t>& connections, std::string_view message,
                    std::vector<tutti_code>& accepted) = 0;
  virtual void Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) = 0;
};

// Readiness of one dependency, for /health/ready.
struct Dependency {
  std::string name;
  bool is_ready = false;
  std::string detail;  // JSON object
};

class Gateway {
 public:
  struct Sources {
    std::function<std::vector<Dependency>()> dependencies;
    std::function<std::string()> metrics;  // Prometheus text
  };

  Gateway(Dispatcher& dispatcher, Routes& routes, EventBus& events, CallTable& calls, GatewaySettings settings,
          Sources sources);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Addresses transports listen at, "address:port"; their names are accepted in Host and as origins.
  void SetListenAddresses(const std::vector<std::string>& addresses);

  // The four functions of tutti_host_gateway, with the transport they came from.
  void OnRequest(TransportPort& transport, const tutti_request& request);
  void OnMessage(TransportPort& transport, std::uint64_t connection, std::string_view message, bool is_text);
  void OnWritable(TransportPort& transport, std::uint64_t connection);
  void OnClose(TransportPort& transport, std::uint64_t connection, std::uint32_t code);

  // Open WebSocket connections.
  [[nodiscard]] std::uint32_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tutti::host
