#include "value.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>

#include "encoding.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::array<std::string_view, 9> kTypeNames = {"text", "int64", "double", "decimal", "bool",
                                                        "json", "time",  "uuid",   "bytes"};

std::string_view KindOf(const rapidjson::Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType:
      return "null";
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return "a boolean";
    case rapidjson::kObjectType:
      return "an object";
    case rapidjson::kArrayType:
      return "an array";
    case rapidjson::kStringType:
      return "a string";
    default:
      return "a number";
  }
}

std::string Shortened(std::string_view text) {
  constexpr std::size_t kShown = 60;
  return text.size() <= kShown ? CleanUtf8(text) : CleanUtf8(Utf8Prefix(text, kShown)) + "...";
}

Status Refused(std::string_view place, std::string_view expected, const rapidjson::Value& found) {
  std::string message(place);
  message.append(": expected ").append(expected).append(", found ").append(KindOf(found));
  if (found.IsString()) {
    message.append(" \"").append(Shortened({found.GetString(), found.GetStringLength()})).append("\"");
  }
  return Status::InvalidArgument(std::move(message));
}

std::string CleanText(std::string_view text) {
  return text.find('\0') == std::string_view::npos ? std::string(text) : CleanUtf8(text);
}

// Reads exactly `count` digits at `position` and moves it on.
std::optional<int> Digits(std::string_view text, std::size_t& position, std::size_t count) {
  int number = 0;
  if (position + count > text.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < count; ++i, ++position) {
    if (text[position] < '0' || text[position] > '9') {
      return std::nullopt;
    }
    number = number * 10 + (text[position] - '0');
  }
  return number;
}

bool Take(std::string_view text, std::size_t& position, std::string_view any_of) {
  if (position < text.size() && any_of.find(text[position]) != std::string_view::npos) {
    ++position;
    return true;
  }
  return false;
}

// Microseconds; digits beyond the sixth are cut, as PostgreSQL would round them differently from others.
std::optional<std::int64_t> Fraction(std::string_view text, std::size_t& position) {
  std::int64_t micros = 0;
  int count = 0;
  for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position, ++count) {
    if (count < 6) {
      micros = micros * 10 + (text[position] - '0');
    }
  }
  for (int i = count; i < 6; ++i) {
    micros *= 10;
  }
  return count == 0 ? std::nullopt : std::optional(micros);
}

std::optional<int> OffsetMinutes(std::string_view text, std::size_t& position) {
  if (position == text.size() || Take(text, position, "Zz")) {
    return 0;
  }
  const bool west = position < text.size() && text[position] == '-';
  if (!Take(text, position, "+-")) {
    return std::nullopt;
  }
  const auto hours = Digits(text, position, 2);
  if (!hours || *hours > 23) {
    return std::nullopt;
  }
  int minutes = 0;
  if (position < text.size()) {
    Take(text, position, ":");
    const auto found = Digits(text, position, 2);
    if (!found || *found > 59) {
      return std::nullopt;
    }
    minutes = *found;
  }
  return (west ? -1 : 1) * (*hours * 60 + minutes);
}

Result<Value> CanonicalInteger(const rapidjson::Value& value, std::string_view place) {
  constexpr double kExactLimit = 9007199254740992.0;
  if (value.IsInt64()) {
    return Value(value.GetInt64());
  }
  if (value.IsDouble() && std::abs(value.GetDouble()) <= kExactLimit &&
      std::trunc(value.GetDouble()) == value.GetDouble()) {
    return Value(static_cast<std::int64_t>(value.GetDouble()));
  }
  return Refused(place, "a whole number of 64 bits", value);
}

Result<Value> CanonicalText(const rapidjson::Value& value, Type type, std::string_view place) {
  const std::string_view text = value.IsString() ? std::string_view(value.GetString(), value.GetStringLength()) : "";
  if (type == Type::kText) {
    return value.IsString() ? Result<Value>(Value(CleanText(text))) : Refused(place, "a string", value);
  }
  if (type == Type::kTime) {
    auto time = CanonicalTime(text);
    return time ? Result<Value>(Value(std::move(*time)))
                : Refused(place, "a time such as \"2026-01-31T10:15:30.123456+00:00\"", value);
  }
  if (type == Type::kUuid) {
    if (!IsUuid(text)) {
      return Refused(place, "a UUID with dashes", value);
    }
    std::string lower(text);
    for (char& c : lower) {
      c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return Value(std::move(lower));
  }
  auto bytes = value.IsString() ? DecodeBase64(text) : std::nullopt;
  return bytes ? Result<Value>(Value(std::move(*bytes))) : Refused(place, "bytes as base64 with padding", value);
}

}  // namespace

std::optional<Type> TypeFromName(std::string_view name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) {
      return static_cast<Type>(i);
    }
  }
  return std::nullopt;
}

std::string_view TypeName(Type type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

Result<Value> Canonical(const rapidjson::Value& value, Type type, std::string_view place) {
  if (value.IsNull()) {
    return Value();
  }
  switch (type) {
    case Type::kInt64:
      return CanonicalInteger(value, place);
    case Type::kDouble:
    case Type::kDecimal:
      if (!value.IsNumber() || !std::isfinite(value.GetDouble())) {
        return Refused(place, "a finite number", value);
      }
      return Value(type == Type::kDouble ? value.GetDouble() : RoundDecimal(value.GetDouble()));
    case Type::kBool:
      return value.IsBool() ? Result<Value>(Value(value.GetBool())) : Refused(place, "true or false", value);
    case Type::kJson:
      return Value(JsonWriter().Value(value).Take());
    default:
      return CanonicalText(value, type, place);
  }
}

std::optional<std::string> CanonicalTime(std::string_view text) {
  std::size_t at = 0;
  const auto year = Digits(text, at, 4);
  const bool dash = Take(text, at, "-");
  const auto month = Digits(text, at, 2);
  const bool second_dash = Take(text, at, "-");
  const auto day = Digits(text, at, 2);
  if (!year || !dash || !month || !second_dash || !day || !Take(text, at, "Tt ")) {
    return std::nullopt;
  }
  const auto hour = Digits(text, at, 2);
  const bool colon = Take(text, at, ":");
  const auto minute = Digits(text, at, 2);
  if (!hour || !colon || !minute || *hour > 23 || *minute > 59) {
    return std::nullopt;
  }
  int second = 0;
  std::int64_t micros = 0;
  if (Take(text, at, ":")) {
    const auto seconds = Digits(text, at, 2);
    if (!seconds || *seconds > 59) {
      return std::nullopt;
    }
    second = *seconds;
    if (Take(text, at, ".")) {
      const auto fraction = Fraction(text, at);
      if (!fraction) {
        return std::nullopt;
      }
      micros = *fraction;
    }
  }
  const auto offset = OffsetMinutes(text, at);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!offset || at != text.size() || !date.ok()) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86400 + *hour * 3600 + *minute * 60 + second - *offset * 60;
  constexpr std::int64_t kYear1 = -62135596800;
  constexpr std::int64_t kYear10000 = 253402300800;
  if (seconds < kYear1 || seconds >= kYear10000) {
    return std::nullopt;
  }
  return FormatMicros(seconds * 1000000 + micros);
}

std::int64_t ReadInteger(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string NumberText(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number == 0 ? 0.0 : number);
  return {text, end.ptr};
}

double RoundDecimal(double number) {
  constexpr double kSmallEnough = 1e5;
  if (std::abs(number) < kSmallEnough) {
    return std::round(number * 1e10) / 1e10;
  }
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", number);
  double rounded = number;
  std::from_chars(text, text + std::strlen(text), rounded);
  return rounded;
}

}  // namespace tutti::storage
