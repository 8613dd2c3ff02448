// WebSocket connections, from the handshake to the close: the bound command greets, then events follow.
//
// Threads: any. Ownership: borrows everything in Services, which outlives the calls it starts.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "host/events/event_bus.h"
#include "host/gateway/admission.h"
#include "host/gateway/client_connection.h"
#include "host/gateway/subscriptions.h"

namespace tutti::host {

class WebSocketSurface : public std::enable_shared_from_this<WebSocketSurface> {
 public:
  struct Services {
    Dispatcher& dispatcher;
    EventBus& events;
    CallTable& calls;
    std::shared_ptr<CurrentIndex> index;
    std::size_t max_connections;  // a further client is answered 503
    IdempotentCalls* idempotent;  // nullptr: requests with an idempotency_key are refused
  };

  explicit WebSocketSurface(Services services) : services_(std::move(services)) {}

  // Start before the first connection, Stop when no transport calls any more.
  void Start() { services_.events.Subscribe(subscriptions_); }

  void Stop() { services_.events.Unsubscribe(subscriptions_.get()); }

  // An admitted handshake.
  void OnUpgrade(Admitted admitted, const Request& request);
  void OnMessage(const ConnectionKey& key, std::string_view message, bool is_text);
  void OnWritable(const ConnectionKey& key);

  // false: not one of the connections.
  bool OnClose(const ConnectionKey& key);

  [[nodiscard]] std::uint32_t connections() const;

 private:
  using ConnectionPtr = std::shared_ptr<ClientConnection>;

  [[nodiscard]] ConnectionPtr Find(const ConnectionKey& key) const;
  // The number of connections with the new one; 0: there is no room.
  std::size_t Register(const ConnectionKey& key, const ConnectionPtr& connection);
  void Greet(const ConnectionKey& key, const ConnectionPtr& connection, const TableIndexPtr& index,
             const CommandRoute& route, std::size_t count);
  void Follow(const ConnectionKey& key, const ConnectionPtr& connection, const std::string& greeting);

  const Services services_;
  const std::shared_ptr<Subscriptions> subscriptions_ = std::make_shared<Subscriptions>();
  mutable std::mutex mutex_;
  std::map<ConnectionKey, ConnectionPtr> connections_;  // guarded by mutex_
};

}  // namespace tutti::host
