// The address a request comes from.
//
// The rule for X-Forwarded-For: it counts only when the socket's peer is one of `trusted_proxies`. Then, read from the
// right, the first address that is no trusted proxy is the client; whatever stands left of it was written by the client
// and proves nothing. Likewise X-Forwarded-Host of a trusted proxy stands for Host in the host and origin checks, and
// is itself checked against the configured hosts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/gateway/request.h"

namespace tutti::host {

bool IsTrustedProxy(std::string_view peer, const std::vector<std::string>& trusted_proxies);

std::string ClientAddress(const Request& request, const std::vector<std::string>& trusted_proxies);

// The host the client addressed.
std::string_view EffectiveHost(const Request& request, const std::vector<std::string>& trusted_proxies);

}  // namespace tutti::host
