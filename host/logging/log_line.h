// One event as one line of text.
//
//   2026-01-31T10:15:30.123456+00:00 information plugin loaded id=org.example.redact version=1.2.0 ms=14
//
// Values are data: whatever they hold, they stay on one line and cannot pass for another field or line. Secrets are
// masked.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "host/logging/log_level.h"

namespace tutti::host {

// Longer values are cut; a line takes no more fields when it is this long.
inline constexpr std::size_t kMaxLogValueBytes = 4096;
inline constexpr std::size_t kMaxLogLineBytes = 16384;

// Borrows key and text for the length of the call, so that a line that is not kept costs nothing.
class LogField {
 public:
  template <typename T>
  LogField(std::string_view key, const T& value) : key_(key) {
    if constexpr (std::is_same_v<T, bool>) {
      value_ = value;
    } else if constexpr (std::is_integral_v<T>) {
      value_ = static_cast<std::int64_t>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      value_ = static_cast<double>(value);
    } else {
      value_ = std::string_view(value);
    }
  }

  [[nodiscard]] std::string_view key() const { return key_; }

  // The value as text, secrets masked, not yet quoted.
  [[nodiscard]] std::string Text() const;

 private:
  std::string_view key_;
  std::variant<std::string_view, std::int64_t, double, bool> value_;
};

// Ends with a newline.
std::string FormatLogLine(std::int64_t time_us, LogLevel level, std::string_view message,
                          std::span<const LogField> fields);

// The same with the members of a flat JSON object after `fields`. What is no JSON object becomes the field `fields`.
std::string FormatLogLine(std::int64_t time_us, LogLevel level, std::string_view message,
                          std::span<const LogField> fields, std::string_view json_fields);

}  // namespace tutti::host
