#include "host/gateway/websocket_surface.h"

#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

// RFC 6455 section 5.5: a control frame holds 125 bytes, two of them the code.
constexpr std::size_t kMaxReason = 123;

void CloseWith(const ConnectionKey& key, const Status& status) {
  std::size_t size = std::min(status.message().size(), kMaxReason);
  while (size > 0 && size < status.message().size() &&
         (static_cast<unsigned char>(status.message()[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  const int code = tutti_status_find(static_cast<tutti_code>(status.code()))->websocket;
  key.transport->Close(key.id, static_cast<std::uint32_t>(code), status.message().substr(0, size));
}

}  // namespace

void WebSocketSurface::OnUpgrade(Admitted admitted, const Request& request) {
  const Exchange& exchange = admitted.exchange;
  const TableIndexPtr index = services_.index->Get();
  const CommandRoute* route = index->table()->FindWebSocket(request.path());
  if (route == nullptr) {
    Respond(exchange, 404, kJson, R"({"detail":"Not Found"})");
    return;
  }
  const ConnectionKey key{exchange.transport, exchange.id};
  const std::string subprotocol = admitted.principal.subprotocol;
  const auto connection = std::make_shared<ClientConnection>(
      ClientConnection::Services{services_.dispatcher, services_.calls, *services_.index, services_.idempotent},
      *key.transport, key.id, std::move(admitted.principal));
  // Before the upgrade, so that the client's first message finds its connection.
  const std::size_t count = Register(key, connection);
  if (count == 0) {
    RespondDetail(exchange, 503,
                  "expected at most " + std::to_string(services_.max_connections) +
                      " WebSocket connections, all are taken; try again later",
                  {"Retry-After", "5"});
    return;
  }
  if (!exchange.transport->Upgrade(exchange.id, subprotocol)) {
    OnClose(key);
    return;
  }
  if (exchange.on_answer) {
    exchange.on_answer(101);
  }
  Greet(key, connection, index, *route, count);
}

void WebSocketSurface::Greet(const ConnectionKey& key, const ConnectionPtr& connection, const TableIndexPtr& index,
                             const CommandRoute& route, std::size_t count) {
  CommandCall call;
  call.routes = index->table();
  call.route = &route;
  call.args = JsonObject()("connection", NewUuid())("connections", count).Take();
  call.context = ClientContext(connection->principal(), TUTTI_SURFACE_WEBSOCKET);
  services_.dispatcher.Run(std::move(call),
                           [self = shared_from_this(), key, connection](const Result<std::string>& result) {
                             if (!result.ok()) {
                               CloseWith(key, result.status());
                               return;
                             }
                             self->Follow(key, connection, *result);
                           });
}

void WebSocketSurface::Follow(const ConnectionKey& key, const ConnectionPtr& connection, const std::string& greeting) {
  std::string first(JsonMember(greeting, "first"));
  std::vector<std::string> streams;
  const std::string_view listed = JsonMember(greeting, "streams");
  if (const Result<Json> parsed = Json::Parse(listed.empty() ? "[]" : listed); parsed.ok()) {
    parsed->view().ForEach([&](JsonView stream) { streams.emplace_back(stream.AsString()); });
  }
  // In delivery order: what is published before the first frame does not come before it, what comes after is not lost.
  services_.events.After(
      [subscriptions = subscriptions_, key, connection, first = std::move(first), streams = std::move(streams)] {
        if (!first.empty() && first != "null") {
          std::vector<tutti_code> accepted;
          key.transport->Send({key.id}, first, accepted);
          if (accepted.at(0) == TUTTI_WOULD_BLOCK) {
            CloseWith(key, Status::Unavailable("the connection's queue has no room for the first message"));
            return;
          }
        }
        subscriptions->Add(key, streams);
        // A close marks the connection before it removes the subscription, so one of the two sees the other.
        if (connection->is_closed()) {
          subscriptions->Remove(key);
        }
      });
}

void WebSocketSurface::OnMessage(const ConnectionKey& key, std::string_view message, bool is_text) {
  const ConnectionPtr connection = is_text ? Find(key) : nullptr;
  if (connection != nullptr) {
    connection->OnMessage(message);
  }
}

void WebSocketSurface::OnWritable(const ConnectionKey& key) {
  if (const ConnectionPtr connection = Find(key)) {
    connection->OnWritable();
    // In delivery order, so that a refused Send on its way there is noted before.
    services_.events.After([subscriptions = subscriptions_, key] { subscriptions->Resume(key); });
  }
}

bool WebSocketSurface::OnClose(const ConnectionKey& key) {
  ConnectionPtr connection;
  {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(key);
    if (found == connections_.end()) {
      return false;
    }
    connection = std::move(found->second);
    connections_.erase(found);
  }
  connection->OnClose();
  subscriptions_->Remove(key);
  return true;
}

std::uint32_t WebSocketSurface::connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(connections_.size());
}

WebSocketSurface::ConnectionPtr WebSocketSurface::Find(const ConnectionKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(key);
  return found == connections_.end() ? nullptr : found->second;
}

std::size_t WebSocketSurface::Register(const ConnectionKey& key, const ConnectionPtr& connection) {
  const std::lock_guard lock(mutex_);
  if (connections_.size() >= services_.max_connections) {
    return 0;
  }
  connections_.emplace(key, connection);
  return connections_.size();
}

}  // namespace tutti::host
