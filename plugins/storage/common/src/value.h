// Column types and the one canonical form in which a value of each type is bound, on every engine.
//
// Pure functions, any thread. Failures are INVALID_ARGUMENT and name the place they were given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::storage {

enum class Type { kText, kInt64, kDouble, kDecimal, kBool, kJson, kTime, kUuid, kBytes };

std::optional<Type> TypeFromName(std::string_view name);
std::string_view TypeName(Type type);

// std::monostate is SQL NULL. Text, JSON, time and uuid are strings in canonical form; bytes are a string of raw bytes.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// A value with the type it is bound as.
struct Parameter {
  Type type = Type::kText;
  Value value;
};

// The JSON value as a value of `type`: times become UTC with six digits, uuids lower case, decimals are rounded to ten
// fraction digits, bytes are decoded from base64, NUL and invalid UTF-8 become U+FFFD (inside JSON values too).
Result<Value> Canonical(const rapidjson::Value& value, Type type, std::string_view place);

// "2026-01-31T10:15:30.123456+00:00" from any RFC 3339 time (T or space; Z, +hh:mm, +hhmm, +hh or, meaning UTC, none).
std::optional<std::string> CanonicalTime(std::string_view text);

// A number as the engines print it; 0 when it is none.
std::int64_t ReadInteger(std::string_view text);

// Shortest text that reads back as the same number, as JSON: no "inf", no "nan".
std::string NumberText(double number);

// Rounded to ten fraction digits or 15 significant ones, whichever are fewer: what decimals keep on every engine.
double RoundDecimal(double number);

}  // namespace tutti::storage
