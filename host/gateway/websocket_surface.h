// WebSocket connections, from the handshake to the close: the bound command greets, then events follow.
//
// A handshake without a query is accepted at once, and a command that fails closes the connection with its code. One
// with a query is accepted when the command has taken its arguments; what fails is answered as an HTTP error.
// Threads: any. Ownership: borrows everything in Services, which outlives the calls it starts.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "host/gateway/admission.h"
#include "host/gateway/client_connection.h"
#include "host/gateway/event_streams.h"
#include "host/gateway/seats.h"

namespace tutti::host {

class WebSocketSurface : public std::enable_shared_from_this<WebSocketSurface> {
 public:
  struct Services {
    Dispatcher& dispatcher;
    CallTable& calls;
    std::shared_ptr<CurrentIndex> index;
    std::shared_ptr<EventStreams> streams;
    std::shared_ptr<Seats> seats;  // a client without one is answered 503
  };

  explicit WebSocketSurface(Services services) : services_(std::move(services)) {}

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
  // Whether the handshake was accepted.
  bool Accept(const Exchange& exchange, const std::string& subprotocol);
  void Greet(const ConnectionKey& key, const ConnectionPtr& connection, CommandCall call);
  void GreetBefore(const Exchange& exchange, const std::string& subprotocol, const ConnectionPtr& connection,
                   CommandCall call);
  void Follow(const ConnectionKey& key, const ConnectionPtr& connection, const std::string& greeting);

  const Services services_;
  mutable std::mutex mutex_;
  std::map<ConnectionKey, ConnectionPtr> connections_;  // guarded by mutex_
};

}  // namespace tutti::host
