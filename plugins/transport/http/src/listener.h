// Opens the listening sockets.
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <string>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::transport::http {

struct Listeners {
  // Non-blocking, listening, without SO_REUSEPORT: a second server on the same port fails instead of sharing it.
  std::vector<Poco::Net::ServerSocket> sockets;
  // "address:port" of each, with the port that was given for 0.
  std::vector<std::string> bound;
  // Sentences: loopback addresses of a family this machine does not have.
  std::vector<std::string> warnings;
};

// All addresses or none, except that an unavailable ::1 is skipped when another one works.
[[nodiscard]] Result<Listeners> OpenListeners(const std::vector<std::string>& addresses);

}  // namespace tutti::transport::http
