// Host and port as they stand in a Host header or an origin (RFC 3986 section 3.2).
#pragma once

#include <string>
#include <string_view>

namespace tutti::host {

struct Authority {
  std::string host;  // lower case, IPv6 without brackets
  std::string port;  // digits, or empty
};

// "localhost:9403", "[::1]:80", "example.org" ... An empty host: malformed.
Authority ParseAuthority(std::string_view text);

// localhost, 127.0.0.0/8 and ::1; `host` as in Authority.
bool IsLoopbackHost(std::string_view host);

// Origin or base URL "http://host:port" taken apart; the port is the scheme's default when it names none. An empty
// host: not http, https, or malformed.
Authority ParseOrigin(std::string_view origin);

}  // namespace tutti::host
