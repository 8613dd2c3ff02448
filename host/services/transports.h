// Transport plugins as the gateway sees them.
//
// Threads: Add on the control thread before the transport listens, Remove after it was deactivated and before it is
// destroyed; Find from any thread. A port stays when its transport has gone, for whoever still holds it: it then does
// nothing. Bound: one port per transport that ever listened.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "host/gateway/gateway.h"
#include "host/registry/plugin_instance.h"

namespace tutti::host {

class PluginTransport final : public TransportPort {
 public:
  explicit PluginTransport(PluginInstance& plugin) : plugin_(plugin) { inside_.Open(); }

  void Respond(std::uint64_t exchange, const tutti_response& response) override;
  tutti_code Begin(std::uint64_t exchange, const tutti_response& head) override;
  bool Upgrade(std::uint64_t exchange, std::string_view protocol) override;
  void Send(const std::vector<std::uint64_t>& connections, std::string_view message,
            std::vector<tutti_code>& accepted) override;
  void Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) override;

  // Waits for those inside; nothing in a transport's table blocks. From here on nothing reaches the plugin.
  void Detach();

 private:
  PluginInstance& plugin_;
  PluginGate inside_;
};

class Transports {
 public:
  void Add(PluginInstance& plugin);

  // More than once is the same as once.
  void Remove(const PluginInstance& plugin);

  // nullptr: was never added, or was removed.
  [[nodiscard]] PluginTransport* Find(const PluginInstance* plugin) const;

 private:
  mutable std::mutex mutex_;
  std::map<const PluginInstance*, PluginTransport*> ports_;   // guarded by mutex_
  std::vector<std::unique_ptr<PluginTransport>> every_port_;  // guarded by mutex_
};

}  // namespace tutti::host
