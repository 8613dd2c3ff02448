// Transport plugins as the gateway sees them.
//
// Threads: Add on the control thread before the transport listens; Find from any thread.
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
  explicit PluginTransport(PluginInstance& plugin) : plugin_(plugin) {}

  void Respond(std::uint64_t exchange, const tutti_response& response) override;
  bool Upgrade(std::uint64_t exchange, std::string_view protocol) override;
  void Send(const std::vector<std::uint64_t>& connections, std::string_view message,
            std::vector<tutti_code>& accepted) override;
  void Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) override;

 private:
  PluginInstance& plugin_;
};

class Transports {
 public:
  void Add(PluginInstance& plugin);

  // nullptr: was never added.
  [[nodiscard]] PluginTransport* Find(const PluginInstance* plugin) const;

 private:
  mutable std::mutex mutex_;
  std::map<const PluginInstance*, std::unique_ptr<PluginTransport>> ports_;
};

}  // namespace tutti::host
