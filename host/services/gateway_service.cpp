// What transports tell the gateway, and what the gateway tells them.
#include "host/services/core.h"
#include "host/services/tables.h"
#include "host/services/transports.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

void PluginTransport::Respond(std::uint64_t exchange, const tutti_response& response) {
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    plugin_.transport()->respond(plugin_.self(), exchange, &response);
  }
}

bool PluginTransport::Upgrade(std::uint64_t exchange, std::string_view protocol) {
  const PluginGate::Ticket ticket = inside_.Enter();
  return ticket && plugin_.transport()->upgrade(plugin_.self(), exchange, Str(protocol), nullptr, 0) == TUTTI_OK;
}

void PluginTransport::Send(const std::vector<std::uint64_t>& connections, std::string_view message,
                           std::vector<tutti_code>& accepted) {
  accepted.assign(connections.size(), TUTTI_NOT_FOUND);
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    plugin_.transport()->send(plugin_.self(), connections.data(), connections.size(), Str(message), accepted.data());
  }
}

void PluginTransport::Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) {
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    plugin_.transport()->close(plugin_.self(), connection, code, Str(reason));
  }
}

void PluginTransport::Detach() {
  while (inside_.Close(std::chrono::milliseconds(100)) == PluginGate::CloseResult::kTimedOut) {
  }
}

void Transports::Add(PluginInstance& plugin) {
  const std::lock_guard lock(mutex_);
  PluginTransport*& port = ports_[&plugin];
  if (port == nullptr) {
    port = every_port_.emplace_back(std::make_unique<PluginTransport>(plugin)).get();
  }
}

void Transports::Remove(const PluginInstance& plugin) {
  PluginTransport* port = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = ports_.find(&plugin);
    if (found == ports_.end()) {
      return;
    }
    port = found->second;
    ports_.erase(found);
  }
  port->Detach();
}

PluginTransport* Transports::Find(const PluginInstance* plugin) const {
  const std::lock_guard lock(mutex_);
  const auto found = ports_.find(plugin);
  return found == ports_.end() ? nullptr : found->second;
}

namespace {

Core& CoreOf(const tutti_host* host) {
  return *static_cast<Core*>(PluginInstance::Of(host)->core());
}

PluginTransport* PortOf(const tutti_host* host) {
  return CoreOf(host).transports.Find(PluginInstance::Of(host));
}

void OnRequest(const tutti_host* host, const tutti_request* request) {
  if (PluginTransport* port = PortOf(host)) {
    CoreOf(host).gateway.OnRequest(*port, *request);
  }
}

void OnMessage(const tutti_host* host, std::uint64_t connection, tutti_str message, std::int32_t is_text) {
  if (PluginTransport* port = PortOf(host)) {
    CoreOf(host).gateway.OnMessage(*port, connection, View(message), is_text != 0);
  }
}

void OnWritable(const tutti_host* host, std::uint64_t connection) {
  if (PluginTransport* port = PortOf(host)) {
    CoreOf(host).gateway.OnWritable(*port, connection);
  }
}

void OnClose(const tutti_host* host, std::uint64_t connection, std::uint32_t code) {
  if (PluginTransport* port = PortOf(host)) {
    CoreOf(host).gateway.OnClose(*port, connection, code);
  }
}

}  // namespace

const tutti_host_gateway* GatewayTable() {
  static constexpr tutti_host_gateway kTable{sizeof kTable, &OnRequest, &OnMessage, &OnWritable, &OnClose};
  return &kTable;
}

}  // namespace tutti::host
