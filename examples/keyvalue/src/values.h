// Values of columns: from JSON to what is kept, in the one form tutti/abi/storage.h asks for, and back.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace keyvalue {

// What an operation or a schema did wrong. Caught where a batch or a schema ends.
struct Failure {
  tutti::Code code = tutti::Code::kInvalidArgument;
  std::string message;
  std::string constraint;
  std::string details;  // JSON: where in the batch
};

// Null, or a value whose kind follows from its column. Comparing two of one column gives the order of the language:
// null first, text by its bytes.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
using Cells = std::vector<Cell>;

// The batch with invalid UTF-8 and lone surrogates replaced, so that a strict parser takes it. Fails when it is nested
// deeper than a recursive reader should follow.
inline std::string Readable(std::string_view json) {
  constexpr int kDeepest = 100;
  std::string text = tutti::CleanUtf8(json);
  const auto surrogate = [&](std::size_t at) -> int {  // 1: high, 2: low
    if (text.compare(at, 2, "\\u") != 0 || at + 6 > text.size() || (text[at + 2] | 0x20) != 'd') {
      return 0;
    }
    const char third = static_cast<char>(text[at + 3] | 0x20);
    return third == '8' || third == '9' || third == 'a' || third == 'b'   ? 1
           : third == 'c' || third == 'd' || third == 'e' || third == 'f' ? 2
                                                                          : 0;
  };
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!in_string) {
      in_string = c == '"';
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      if (depth > kDeepest) {
        throw Failure{.message = "expected JSON of at most " + std::to_string(kDeepest) + " levels, found more"};
      }
    } else if (c == '"') {
      in_string = false;
    } else if (c == '\\') {
      const int kind = surrogate(i);
      if (kind == 1 && surrogate(i + 6) == 2) {
        i += 11;
      } else {
        if (kind != 0) {
          text.replace(i + 2, 4, "fffd");
        }
        ++i;
      }
    }
  }
  return text;
}

// RFC 3339, T or space, with Z or an offset, to microseconds since 1970; years 1 to 9999.
inline std::optional<std::int64_t> ReadTime(std::string_view text) {
  std::size_t at = 0;
  const auto number = [&](std::size_t digits) {
    const std::string_view part = text.substr(std::min(at, text.size()), digits);
    at += digits;
    int value = -1;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return part.size() == digits && error == std::errc() && end == part.data() + digits ? value : -1;
  };
  const auto sign = [&](std::string_view allowed) {
    return at < text.size() && allowed.find(text[at]) != allowed.npos ? text[at++] : '\0';
  };
  const int year = number(4);
  bool ok = sign("-") != 0;
  const int month = number(2);
  ok = sign("-") != 0 && ok;
  const int day = number(2);
  ok = sign("Tt ") != 0 && ok;
  const int hour = number(2);
  ok = sign(":") != 0 && ok;
  const int minute = number(2);
  ok = sign(":") != 0 && ok;
  const int second = number(2);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!ok || year < 1 || month < 0 || day < 0 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 59) {
    return std::nullopt;
  }
  std::int64_t micros = 0;
  if (sign(".") != 0) {
    std::int64_t unit = 100000;
    const std::size_t begin = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
      micros += (text[at] - '0') * unit;
    }
    if (at == begin) {
      return std::nullopt;
    }
  }
  std::int64_t offset = 0;
  const char zone = sign("Zz+-");
  if (zone == '+' || zone == '-') {
    const int hours = number(2);
    (void)sign(":");
    const int minutes = number(2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
      return std::nullopt;
    }
    offset = (hours * 60 + minutes) * (zone == '+' ? 60 : -60);
  }
  if (zone == 0 || at != text.size()) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset;
  constexpr std::int64_t kFirst = -62135596800;  // the year 1
  constexpr std::int64_t kEnd = 253402300800;    // the year 10000
  return seconds < kFirst || seconds >= kEnd ? std::nullopt : std::optional(seconds * 1000000 + micros);
}

inline bool IsBase64(std::string_view text) {
  const std::size_t end = text.find_last_not_of('=') + 1;
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() % 4 == 0 && text.size() - end <= 2 && text.substr(0, end).find_first_not_of(kDigits) == text.npos;
}

// Ten digits behind the point or 15 significant ones, whichever are fewer, so that sums do not drift.
inline double RoundDecimal(double number) {
  constexpr double kExact = 9e15;
  if (std::abs(number) * 1e10 < kExact) {
    number = std::round(number * 1e10) / 1e10;
  }
  char text[64];
  std::snprintf(text, sizeof text, "%.15g", number);
  return std::strtod(text, nullptr);
}

// The value as a column of `type` keeps it. `place` is for the sentence of the Failure.
inline Cell ToCell(tutti::JsonView value, std::string_view type, const std::string& place) {
  if (value.is_null()) {
    return {};
  }
  const std::string_view text = value.AsString();
  if (type == "text" && value.is_string()) {
    return tutti::CleanUtf8(text);
  }
  if (type == "int64" && value.is_int()) {
    return value.AsInt();
  }
  if (type == "double" && value.is_number()) {
    return value.AsDouble();
  }
  if (type == "decimal" && value.is_number()) {
    return RoundDecimal(value.AsDouble());
  }
  if (type == "bool" && value.is_bool()) {
    return value.AsBool();
  }
  if (type == "json") {
    return tutti::CleanJson(value.Dump());
  }
  if (const auto micros = type == "time" ? ReadTime(text) : std::nullopt) {
    return tutti::FormatMicros(*micros);
  }
  if (type == "uuid" && tutti::IsUuid(text)) {
    std::string lower(text);
    for (char& c : lower) {
      c = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return lower;
  }
  if (type == "bytes" && value.is_string() && IsBase64(text)) {
    return std::string(text);
  }
  throw Failure{.message = place + ": expected a value of type " + std::string(type) + ", found " +
                           value.Dump().substr(0, 60)};
}

inline std::string ToJson(const Cell& cell, std::string_view type) {
  if (const auto* flag = std::get_if<bool>(&cell)) {
    return *flag ? "true" : "false";
  }
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
    return std::to_string(*integer);
  }
  if (const auto* number = std::get_if<double>(&cell)) {
    char text[64];
    return {text, std::to_chars(text, text + sizeof text, *number).ptr};  // the shortest text that reads back the same
  }
  if (const auto* text = std::get_if<std::string>(&cell)) {
    return type == "json" ? *text : tutti::JsonQuote(*text);
  }
  return "null";
}

}  // namespace keyvalue
