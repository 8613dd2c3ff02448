#include "host/gateway/gateway.h"

#include <chrono>
#include <utility>

#include "host/gateway/client_address.h"

namespace tutti::host {

namespace {

// Tells of the answer when it is given.
std::function<void(std::uint32_t)> AccessLine(const std::function<void(const Access&)>& tell, const Request& request,
                                              const std::vector<std::string>& trusted_proxies) {
  using Clock = std::chrono::steady_clock;
  Access access{std::string(request.method()), std::string(request.path()), ClientAddress(request, trusted_proxies)};
  return [tell, access = std::move(access), begin = Clock::now()](std::uint32_t status) {
    Access answered = access;
    answered.status = status;
    answered.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
    tell(answered);
  };
}

std::shared_ptr<RestSurface> MakeRest(const Gateway::Services& services, const std::shared_ptr<CurrentIndex>& index,
                                      const GatewaySettings& settings, Gateway::Sources sources,
                                      const std::shared_ptr<WebSocketSurface>& websocket,
                                      const std::shared_ptr<ServerSentSurface>& server_sent) {
  return std::make_shared<RestSurface>(RestSurface::Services{
      services.dispatcher, services.routes, services.calls, index, std::move(sources.dependencies),
      std::move(sources.metrics), [websocket] { return websocket->connections(); }, server_sent,
      ApiDescription{settings.title, settings.version, !settings.tokens.empty()}});
}

}  // namespace

struct Gateway::Shared {
  std::shared_ptr<CurrentIndex> index;
  std::shared_ptr<EventStreams> streams;
  std::shared_ptr<Seats> seats;
};

Gateway::Gateway(const Services& services, GatewaySettings settings, Sources sources)
    : Gateway(services, settings, std::move(sources),
              Shared{std::make_shared<CurrentIndex>(services.routes),
                     std::make_shared<EventStreams>(
                         EventStreams::Services{services.events, services.store, services.executor}, settings.streams),
                     std::make_shared<Seats>(settings.max_subscribers)}) {}

Gateway::Gateway(const Services& services, GatewaySettings settings, Sources sources, const Shared& shared)
    : settings_(std::move(settings)),
      on_access_(std::move(sources.on_access)),
      index_(shared.index),
      events_(services.events),
      admission_({settings_.tokens, settings_.origins, settings_.hosts, settings_.trusted_proxies, settings_.own}),
      streams_(shared.streams),
      server_sent_(std::make_shared<ServerSentSurface>(shared.streams, shared.seats)),
      websocket_(std::make_shared<WebSocketSurface>(
          WebSocketSurface::Services{services.dispatcher, services.calls, shared.index, shared.streams, shared.seats})),
      rest_(MakeRest(services, shared.index, settings_, std::move(sources), websocket_, server_sent_)) {
  events_.Subscribe(streams_);
}

Gateway::~Gateway() {
  events_.Unsubscribe(streams_.get());
}

void Gateway::SetListenAddresses(const std::vector<std::string>& addresses) {
  admission_.SetListenAddresses(addresses);
}

void Gateway::OnRequest(TransportPort& transport, const tutti_request& raw) {
  const Request request(raw);
  Exchange exchange{&transport, raw.exchange, {}, {}};
  if (on_access_) {
    exchange.on_answer = AccessLine(on_access_, request, settings_.trusted_proxies);
  }
  const bool is_public = raw.is_upgrade == 0 && admission_.needs_token() && rest_->IsPublic(request);
  std::optional<Admitted> admitted = admission_.Admit(std::move(exchange), request, is_public);
  if (!admitted) {
    return;
  }
  if (raw.is_upgrade != 0) {
    websocket_->OnUpgrade(std::move(*admitted), request);
  } else {
    rest_->OnRequest(std::move(*admitted), request);
  }
}

void Gateway::OnMessage(TransportPort& transport, std::uint64_t connection, std::string_view message, bool is_text) {
  websocket_->OnMessage({&transport, connection}, message, is_text);
}

void Gateway::OnWritable(TransportPort& transport, std::uint64_t connection) {
  const ConnectionKey key{&transport, connection};
  websocket_->OnWritable(key);
  server_sent_->OnWritable(key);
}

void Gateway::OnClose(TransportPort& transport, std::uint64_t connection, std::uint32_t /*code*/) {
  const ConnectionKey key{&transport, connection};
  if (!websocket_->OnClose(key) && !server_sent_->OnClose(key)) {
    rest_->OnClose(key);
  }
}

std::uint32_t Gateway::connections() const {
  return websocket_->connections();
}

}  // namespace tutti::host
