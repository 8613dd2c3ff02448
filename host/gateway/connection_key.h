// Names a connection among all transports.
#pragma once

#include <compare>
#include <cstdint>

#include "host/gateway/transport_port.h"

namespace tutti::host {

struct ConnectionKey {
  TransportPort* transport = nullptr;
  std::uint64_t id = 0;

  auto operator<=>(const ConnectionKey&) const = default;
};

}  // namespace tutti::host
