#include "host/server/loopback.h"

#include <arpa/inet.h>

#include <string>

namespace tutti::host {

bool IsLoopback(std::string_view address) {
  std::string host;
  if (!address.empty() && address.front() == '[') {
    host = address.substr(1, address.find(']') - 1);
  } else {
    const std::size_t colon = address.rfind(':');
    const bool is_v6 = colon != std::string_view::npos && address.find(':') != colon;
    host = is_v6 ? address : address.substr(0, colon);
  }
  if (host == "localhost") {
    return true;
  }
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24U) == 127;
  }
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace tutti::host
