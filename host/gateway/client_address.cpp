#include "host/gateway/client_address.h"

#include <algorithm>

namespace tutti::host {

bool IsTrustedProxy(std::string_view peer, const std::vector<std::string>& trusted_proxies) {
  const std::string_view address = AddressOf(peer);
  return std::any_of(trusted_proxies.begin(), trusted_proxies.end(),
                     [address](const std::string& proxy) { return AddressOf(proxy) == address; });
}

std::string ClientAddress(const Request& request, const std::vector<std::string>& trusted_proxies) {
  std::string_view client = AddressOf(View(request.raw().peer));
  if (!IsTrustedProxy(client, trusted_proxies)) {
    return std::string(client);
  }
  const std::vector<std::string_view> chain = SplitList(request.Header("x-forwarded-for"));
  for (auto hop = chain.rbegin(); hop != chain.rend(); ++hop) {
    client = AddressOf(*hop);
    if (!IsTrustedProxy(client, trusted_proxies)) {
      break;
    }
  }
  return std::string(client);
}

std::string_view EffectiveHost(const Request& request, const std::vector<std::string>& trusted_proxies) {
  if (trusted_proxies.empty() || !IsTrustedProxy(View(request.raw().peer), trusted_proxies)) {
    return request.host();
  }
  const std::string_view forwarded = request.Header("x-forwarded-host");
  return forwarded.empty() ? request.host() : forwarded;
}

}  // namespace tutti::host
