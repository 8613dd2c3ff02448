// Small scalars that every plugin writes the same way: ids, times, clean UTF-8.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <string_view>

namespace tutti {

// Microseconds since the Unix epoch, strictly increasing within this library, so that it orders rows. [any]
inline std::int64_t NowMicros() {
  static std::atomic<std::int64_t> last{0};
  std::int64_t now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  std::int64_t seen = last.load(std::memory_order_relaxed);
  do {
    if (now <= seen) {
      now = seen + 1;
    }
  } while (!last.compare_exchange_weak(seen, now, std::memory_order_relaxed));
  return now;
}

// "2026-01-31T10:15:30.123456+00:00": the one form of a time in rows and messages.
inline std::string FormatMicros(std::int64_t micros) {
  std::int64_t seconds = micros / 1000000;
  std::int64_t fraction = micros % 1000000;
  if (fraction < 0) {
    --seconds;
    fraction += 1000000;
  }
  const auto time = static_cast<std::time_t>(seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", utc.tm_year + 1900, utc.tm_mon + 1,
                utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(fraction));
  return text;
}

inline std::string NowIso() {
  return FormatMicros(NowMicros());
}

// Random UUID, version 4 (RFC 4122 section 4.4), lower case. Not for secrets. [any]
inline std::string NewUuid() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  std::uint64_t high = (engine() & 0xffffffffffff0fffULL) | 0x0000000000004000ULL;
  std::uint64_t low = (engine() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  for (int i = 35; i >= 0; --i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      continue;
    }
    std::uint64_t& half = i > 18 ? low : high;
    text[static_cast<std::size_t>(i)] = kDigits[half & 15U];
    half >>= 4U;
  }
  return text;
}

// Whether `text` is a UUID as rows carry it: lower or upper case, dashed.
inline bool IsUuid(std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < 36; ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) {
      return false;
    }
  }
  return true;
}

// Length of the valid UTF-8 sequence at text[i], 0 when there is none (RFC 3629: no surrogates, no overlong forms).
inline std::size_t Utf8SequenceLength(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U; };
  const auto tail = [&](std::size_t k) { return (byte(k) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return tail(1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = lead == 0xE0 ? byte(1) >= 0xA0 : lead == 0xED ? byte(1) < 0xA0 : true;
    return second && tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = lead == 0xF0 ? byte(1) >= 0x90 : lead == 0xF4 ? byte(1) < 0x90 : true;
    return second && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

// The text with NUL and every invalid byte replaced by U+FFFD, so that it can be stored and sent anywhere.
inline std::string CleanUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = text[i] == '\0' ? 0 : Utf8SequenceLength(text, i);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
    } else {
      out.append(text, i, length);
      i += length;
    }
  }
  return out;
}

// Valid JSON text with every NUL that its strings hold (always the escape \u0000) replaced by U+FFFD.
inline std::string CleanJson(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\\' || i + 1 == json.size()) {
      out += json[i];
      continue;
    }
    if (json.substr(i, 6) == "\\u0000") {
      out += "\xEF\xBF\xBD";
      i += 5;
      continue;
    }
    out += json[i];
    out += json[++i];
  }
  return out;
}

// At most `count` code points from the front of valid UTF-8.
inline std::string_view Utf8Prefix(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size() && count > 0) {
    const std::size_t length = Utf8SequenceLength(text, i);
    i += length == 0 ? 1 : length;
    --count;
  }
  return text.substr(0, i);
}

}  // namespace tutti
