// What the gateway needs of a transport; the server implements it over the plugin's table.
//
// Threads: any. Nothing blocks.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tutti/abi/transport.h"

namespace tutti::host {

class TransportPort {
 public:
  virtual ~TransportPort() = default;
  virtual void Respond(std::uint64_t exchange, const tutti_response& response) = 0;
  // Begins an answer whose body is sent piece by piece. UNIMPLEMENTED: this transport has no such answers.
  virtual tutti_code Begin(std::uint64_t exchange, const tutti_response& head) = 0;
  virtual bool Upgrade(std::uint64_t exchange, std::string_view protocol) = 0;
  // accepted[i]: OK, WOULD_BLOCK, NOT_FOUND.
  virtual void Send(const std::vector<std::uint64_t>& connections, std::string_view message,
                    std::vector<tutti_code>& accepted) = 0;
  virtual void Close(std::uint64_t connection, std::uint32_t code, std::string_view reason) = 0;
};

}  // namespace tutti::host
