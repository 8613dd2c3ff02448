// Between any transport and the dispatcher: routes, authorises, checks origins, and writes error bodies.
//
// A request passes Host, Origin and token (admission.h), then goes to the REST surface or, as a handshake, to the
// WebSocket surface. X-Forwarded-* headers count only from `trusted_proxies`; the rule is in client_address.h.
// Threads: any. Ownership: borrows its Services, which outlive it and every call it has started; so do the transports.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/dispatch/dispatcher.h"
#include "host/dispatch/routes.h"
#include "host/events/event_bus.h"
#include "host/gateway/admission.h"
#include "host/gateway/event_streams.h"
#include "host/gateway/rest_surface.h"
#include "host/gateway/server_sent_surface.h"
#include "host/gateway/transport_port.h"
#include "host/gateway/websocket_surface.h"

namespace tutti::host {

struct GatewaySettings {
  std::vector<GatewayToken> tokens;          // none: loopback only, everybody is the local user
  GatewayToken own;                          // of the host's own tools; accepted besides; empty: none
  std::vector<std::string> origins;          // besides same origin
  std::vector<std::string> hosts;            // Host names besides loopback names and the listen addresses
  std::vector<std::string> trusted_proxies;  // peers whose X-Forwarded-* count
  // WebSockets and event streams together; further ones are answered 503.
  std::size_t max_subscribers = 12000;
  EventStreams::Settings streams;
  std::string title = "Tutti";
  std::string version;
};

// One answered request, for the access log.
struct Access {
  std::string method;
  std::string path;    // without the query, which may carry what is nobody's business
  std::string client;  // address, behind a trusted proxy the one it forwards for (see client_address.h)
  std::uint32_t status = 0;
  std::int64_t duration_us = 0;
};

class Gateway {
 public:
  struct Sources {
    std::function<std::vector<Dependency>()> dependencies;
    std::function<std::string()> metrics;          // Prometheus text
    std::function<void(const Access&)> on_access;  // may be empty; must not block
  };

  struct Services {
    Dispatcher& dispatcher;
    Routes& routes;
    EventBus& events;
    CallTable& calls;
    Store& store;
    Executor& executor;
  };

  Gateway(const Services& services, GatewaySettings settings, Sources sources);
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

  // Clients that follow events.
  [[nodiscard]] EventStreams::Counts stream_counts() const { return streams_->counts(); }

  // What is derived from the routing table, made once per table. Any thread.
  [[nodiscard]] CurrentIndex& index() const { return *index_; }

 private:
  // What the surfaces share with the calls they have started, which may end after the gateway.
  struct Shared;

  Gateway(const Services& services, GatewaySettings settings, Sources sources, const Shared& shared);

  const GatewaySettings settings_;
  const std::function<void(const Access&)> on_access_;
  const std::shared_ptr<CurrentIndex> index_;
  EventBus& events_;
  Admission admission_;
  const std::shared_ptr<EventStreams> streams_;
  const std::shared_ptr<ServerSentSurface> server_sent_;
  const std::shared_ptr<WebSocketSurface> websocket_;
  const std::shared_ptr<RestSurface> rest_;
};

}  // namespace tutti::host
