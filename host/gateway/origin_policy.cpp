#include "host/gateway/origin_policy.h"

#include "host/gateway/authority.h"

namespace tutti::host {

OriginPolicy::OriginPolicy(const std::vector<std::string>& origins, const std::vector<std::string>& addresses) {
  for (const std::string& origin : origins) {
    allows_all_ = allows_all_ || origin == "*";
    origins_.insert(origin);
    const Authority authority = ParseOrigin(origin);
    if (IsLoopbackHost(authority.host)) {
      loopback_ports_.insert(authority.port);
    }
  }
  for (const std::string& address : addresses) {
    loopback_ports_.insert(ParseAuthority(address).port);
  }
}

bool OriginPolicy::Accepts(std::string_view origin, std::string_view host) const {
  if (origin.empty() || allows_all_ || origins_.contains(origin)) {
    return true;
  }
  const Authority from = ParseOrigin(origin);
  if (from.host.empty()) {
    return false;
  }
  if (IsLoopbackHost(from.host) && loopback_ports_.contains(from.port)) {
    return true;
  }
  const Authority to = ParseAuthority(host);
  const bool same_port = to.port == from.port || (to.port.empty() && (from.port == "80" || from.port == "443"));
  return to.host == from.host && same_port;
}

}  // namespace tutti::host
