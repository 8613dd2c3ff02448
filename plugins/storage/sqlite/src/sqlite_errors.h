// One place from SQLite result codes to canonical status codes.
#pragma once

#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::storage::sqlite {

// `code` is an extended result code. details() is the bare constraint (or column) name when the message has one.
Status FromSqlite(int code, std::string_view message, std::string_view doing);

}  // namespace tutti::storage::sqlite
