// What transports tell the gateway, and what the gateway tells them.
#include "host/services/admit.h"
#include "host/services/tables.h"
#include "host/services/transports.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

void PluginTransport::Respond(std::uint64_t exchange, const tutti_response& response) {
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    (void)plugin_.Enter(operation::kRespond, 0, {},
                        [&] { plugin_.transport()->respond(plugin_.self(), exchange, &response); });
  }
}

tutti_code PluginTransport::Begin(std::uint64_t exchange, const tutti_response& head) {
  const tutti_transport* const table = plugin_.transport();
  if (!TUTTI_HAS(table, tutti_transport, begin) || table->begin == nullptr) {
    return TUTTI_UNIMPLEMENTED;
  }
  tutti_code code = TUTTI_NOT_FOUND;
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    (void)plugin_.Enter(operation::kBegin, 0, {}, [&] { code = table->begin(plugin_.self(), exchange, &head); });
  }
  return code;
}

bool PluginTransport::Upgrade(std::uint64_t exchange, std::string_view protocol) {
  tutti_code code = TUTTI_INTERNAL;
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    (void)plugin_.Enter(operation::kUpgrade, 0, {}, [&] {
      code = plugin_.transport()->upgrade(plugin_.self(), exchange, Str(protocol), nullptr, 0);
    });
  }
  return code == TUTTI_OK;
}

void PluginTransport::Send(const std::vector<std::uint64_t>& connections, std::string_view message,
                           std::vector<tutti_code>& accepted) {
  accepted.assign(connections.size(), TUTTI_NOT_FOUND);
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    (void)plugin_.Enter(operation::kSend, 0, {}, [&] {
      plugin_.transport()->send(plugin_.self(), connections.data(), connections.size(), Str(message), accepted.data());
    });
  }
}

void PluginTransport::Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) {
  if (const PluginGate::Ticket ticket = inside_.Enter()) {
    (void)plugin_.Enter(operation::kClose, 0, {},
                        [&] { plugin_.transport()->close(plugin_.self(), connection, code, Str(reason)); });
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

// The caller as a transport; empty when it is none, or not active.
struct CallerPort {
  PluginTransport* port = nullptr;
  Gateway* gateway = nullptr;

  explicit operator bool() const { return port != nullptr; }
};

CallerPort PortOf(const tutti_host* host) {
  const Caller caller = Admit(host);
  return caller ? CallerPort{caller.core->transports.Find(caller.plugin), &caller.core->gateway} : CallerPort{};
}

void OnRequest(const tutti_host* host, const tutti_request* request) {
  if (const CallerPort caller = PortOf(host)) {
    caller.gateway->OnRequest(*caller.port, *request);
  }
}

void OnMessage(const tutti_host* host, std::uint64_t connection, tutti_str message, std::int32_t is_text) {
  if (const CallerPort caller = PortOf(host)) {
    caller.gateway->OnMessage(*caller.port, connection, View(message), is_text != 0);
  }
}

void OnWritable(const tutti_host* host, std::uint64_t connection) {
  if (const CallerPort caller = PortOf(host)) {
    caller.gateway->OnWritable(*caller.port, connection);
  }
}

void OnClose(const tutti_host* host, std::uint64_t connection, std::uint32_t code) {
  if (const CallerPort caller = PortOf(host)) {
    caller.gateway->OnClose(*caller.port, connection, code);
  }
}

}  // namespace

const tutti_host_gateway* GatewayTable() {
  static constexpr tutti_host_gateway kTable{sizeof kTable, &OnRequest, &OnMessage, &OnWritable, &OnClose};
  return &kTable;
}

}  // namespace tutti::host
