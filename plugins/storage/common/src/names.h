// Names that may enter SQL text, and the hint for one that is unknown. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::storage {

// Lower-case letters, digits and underscores, not beginning with a digit, at most 63 bytes (PostgreSQL's limit).
bool IsName(std::string_view text);

// Quoted as an SQL identifier; `name` must satisfy IsName, or be a name the database itself gave.
std::string QuoteName(std::string_view name);

// Quoted as an SQL string literal, for declarations only: values of operations are always bound.
std::string QuoteLiteral(std::string_view text);

// ", did you mean 'agents'?" when a candidate is close enough, else empty.
std::string Hint(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace tutti::storage
