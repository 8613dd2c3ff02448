#include "host/gateway/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

#include "host/gateway/request.h"

namespace tutti::host {

namespace {

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsHostCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
}

}  // namespace

Authority ParseAuthority(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return {};
    }
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && (rest.front() != ':' || !IsPort(rest.substr(1)))) {
      return {};
    }
    port = rest.empty() ? rest : rest.substr(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (!IsPort(port)) {
      return {};
    }
  }
  if (host.empty() || !std::all_of(host.begin(), host.end(), IsHostCharacter)) {
    return {};
  }
  Authority authority{std::string(host), std::string(port)};
  std::transform(authority.host.begin(), authority.host.end(), authority.host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return authority;
}

bool IsLoopbackHost(std::string_view host) {
  if (host == "localhost" || host == "::1") {
    return true;
  }
  in_addr address{};
  return host.substr(0, 4) == "127." && inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

Authority ParseOrigin(std::string_view origin) {
  const std::size_t separator = origin.find("://");
  if (separator == std::string_view::npos) {
    return {};
  }
  const std::string_view scheme = origin.substr(0, separator);
  const bool is_https = EqualsIgnoreCase(scheme, "https");
  if (!is_https && !EqualsIgnoreCase(scheme, "http")) {
    return {};
  }
  Authority authority = ParseAuthority(origin.substr(separator + 3));
  if (authority.port.empty()) {
    authority.port = is_https ? "443" : "80";
  }
  return authority;
}

}  // namespace tutti::host
