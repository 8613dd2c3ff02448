// Where the transports listen.
//
// Threads: control thread. Borrows core, which outlives it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/registry/plugin_instance.h"
#include "host/services/core.h"

namespace tutti::host {

class Listeners {
 public:
  using OnAddresses = std::function<void(const std::vector<std::string>&)>;

  // `on_addresses` may be empty.
  Listeners(Core& core, OnAddresses on_addresses) : core_(core), on_addresses_(std::move(on_addresses)) {}

  // Starts the transport; appends the addresses it is bound to.
  Status Listen(PluginInstance& transport, std::vector<std::string>& addresses);

  // It stops accepting; returns when what it answers at the moment is answered.
  static void Pause(const PluginInstance& transport);

  void Forget(std::string_view id);

  // Tells everybody who has to know about the addresses as they are now.
  void Tell() const;

 private:
  Core& core_;
  const OnAddresses on_addresses_;
  std::vector<std::pair<std::string, std::vector<std::string>>> addresses_;  // by transport id
};

}  // namespace tutti::host
