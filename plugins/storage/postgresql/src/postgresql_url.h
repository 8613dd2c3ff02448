// The database URL, read by libpq's own parser and written again as Poco Data takes it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::storage::postgresql {

struct ConnectionTarget {
  std::string text;   // for Poco::Data::Session; holds the password, never to be shown
  std::string shown;  // "user@host:port/database", for messages
};

// `url` is postgresql://user:password@host:port/database?parameters (or postgres://). Limits become libpq's connect and
// dead-peer limits (tcp_user_timeout is both together); what the URL says of them counts more. INVALID_ARGUMENT names
// the fault, never the password.
Result<ConnectionTarget> ReadUrl(const std::string& url, std::chrono::milliseconds connect_timeout,
                                 std::chrono::milliseconds silence);

}  // namespace tutti::storage::postgresql
