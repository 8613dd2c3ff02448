#include "host/gateway/host_policy.h"

#include "host/gateway/authority.h"

namespace tutti::host {

HostPolicy::HostPolicy(const std::vector<std::string>& hosts, const std::vector<std::string>& addresses) {
  for (const std::string& host : hosts) {
    Authority authority = ParseAuthority(host);
    if (authority.port.empty()) {
      any_port_.insert(std::move(authority.host));
    } else {
      with_port_.emplace(std::move(authority.host), std::move(authority.port));
    }
  }
  for (const std::string& address : addresses) {
    Authority authority = ParseAuthority(address);
    with_port_.emplace(std::move(authority.host), std::move(authority.port));
  }
}

bool HostPolicy::Accepts(std::string_view host) const {
  // The two names nearly every request has, without taking them apart.
  if (host == "localhost" || host == "127.0.0.1") {
    return true;
  }
  const Authority authority = ParseAuthority(host);
  if (authority.host.empty()) {
    return false;
  }
  return IsLoopbackHost(authority.host) || any_port_.contains(authority.host) ||
         with_port_.contains({authority.host, authority.port});
}

}  // namespace tutti::host
