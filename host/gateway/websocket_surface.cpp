#include "host/gateway/websocket_surface.h"

#include <utility>
#include <vector>

#include "host/gateway/close_with.h"
#include "host/gateway/rest_arguments.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

// A page cannot read the answer to a handshake it may not make, but whoever writes a client can.
void RefuseHandshake(const Exchange& exchange, const Status& status) {
  if (status.code() == Code::kInvalidArgument) {
    RespondDetail(exchange, 400, status.message());
  } else {
    RespondStatus(exchange, status, ErrorBody::kDetail, {});
  }
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
      ClientConnection::Services{services_.dispatcher, services_.calls, *services_.index}, *key.transport, key.id,
      std::move(admitted.principal));
  // Before the upgrade, so that the client's first message finds its connection.
  const std::size_t count = Register(key, connection);
  if (count == 0) {
    RespondDetail(exchange, 503,
                  "expected at most " + std::to_string(services_.seats->most()) +
                      " WebSocket connections, all are taken; try again later",
                  {"Retry-After", std::to_string(kSeatRetry.count())});
    return;
  }
  CommandCall call;
  call.routes = index->table();
  call.route = route;
  call.context = ClientContext(connection->principal(), TUTTI_SURFACE_WEBSOCKET);
  if (request.query().empty()) {
    if (Accept(exchange, subprotocol)) {
      call.args = JsonObject()("connection", NewUuid())("connections", count).Take();
      Greet(key, connection, std::move(call));
    }
    return;
  }
  Result<std::string> args =
      QueryArguments(index->TypesOf(*route), {{"connection", NewUuid()}, {"connections", std::to_string(count)}},
                     request.query(), true);
  if (!args.ok()) {
    OnClose(key);
    RefuseHandshake(exchange, args.status());
    return;
  }
  call.args = std::move(*args);
  GreetBefore(exchange, subprotocol, connection, std::move(call));
}

bool WebSocketSurface::Accept(const Exchange& exchange, const std::string& subprotocol) {
  if (!exchange.transport->Upgrade(exchange.id, subprotocol)) {
    OnClose({exchange.transport, exchange.id});
    return false;
  }
  if (exchange.on_answer) {
    exchange.on_answer(101);
  }
  return true;
}

void WebSocketSurface::Greet(const ConnectionKey& key, const ConnectionPtr& connection, CommandCall call) {
  services_.dispatcher.Run(std::move(call),
                           [self = shared_from_this(), key, connection](const Result<std::string>& result) {
                             if (!result.ok()) {
                               CloseWith(key, result.status());
                               return;
                             }
                             self->Follow(key, connection, *result);
                           });
}

void WebSocketSurface::GreetBefore(const Exchange& exchange, const std::string& subprotocol,
                                   const ConnectionPtr& connection, CommandCall call) {
  services_.dispatcher.Run(std::move(call), [self = shared_from_this(), exchange, subprotocol,
                                             connection](const Result<std::string>& result) {
    const ConnectionKey key{exchange.transport, exchange.id};
    if (!result.ok()) {
      self->OnClose(key);
      RefuseHandshake(exchange, result.status());
    } else if (self->Accept(exchange, subprotocol)) {
      self->Follow(key, connection, *result);
    }
  });
}

void WebSocketSurface::Follow(const ConnectionKey& key, const ConnectionPtr& connection, const std::string& greeting) {
  Result<Following> following = Following::Parse(greeting, Following::Client::kWebSocket);
  if (!following.ok()) {
    CloseWith(key, following.status());
    return;
  }
  services_.streams->Follow(key, std::make_shared<const Following>(std::move(*following)),
                            [connection] { return connection->is_closed(); });
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
    services_.streams->Resume(key);
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
  services_.seats->GiveBack();
  connection->OnClose();
  services_.streams->Remove(key);
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
  if (!services_.seats->Take()) {
    return 0;
  }
  const std::lock_guard lock(mutex_);
  connections_.emplace(key, connection);
  return connections_.size();
}

}  // namespace tutti::host
