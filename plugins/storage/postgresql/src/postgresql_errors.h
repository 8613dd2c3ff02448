// The one place from SQLSTATE to canonical status codes.
#pragma once

#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::storage::postgresql {

struct ServerError {
  std::string_view sqlstate;  // empty: the connection failed
  std::string_view message;
  std::string_view constraint;
  std::string_view column;
};

// details() is the bare name of the violated constraint, or of the column that must not be null.
Status FromServer(const ServerError& error);

}  // namespace tutti::storage::postgresql
