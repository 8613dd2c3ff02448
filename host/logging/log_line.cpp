#include "host/logging/log_line.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "host/logging/redaction.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

void AppendEscaped(std::string_view text, bool quoted, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    char escape[8];
    if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (quoted && (byte == '"' || byte == '\\')) {
      out += {'\\', text[i]};
    } else if (byte < 0x20 || byte == 0x7F) {
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(byte));
      out += escape;
    } else if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      // Control characters of the second block (U+0080 to U+009F) move terminals too.
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(text[++i])));
      out += escape;
    } else {
      out += text[i];
    }
  }
}

bool NeedsQuotes(std::string_view text) {
  return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte <= 0x20 || byte == 0x7F || c == '"' || c == '=' || c == '\\' || byte == 0xC2;
         });
}

void AppendValue(std::string_view value, std::string& out) {
  const bool is_long = value.size() > kMaxLogValueBytes;
  std::string clean = CleanUtf8(value.substr(0, kMaxLogValueBytes));
  if (is_long) {
    clean += "...";
  }
  if (!NeedsQuotes(clean)) {
    out += clean;
    return;
  }
  out += '"';
  AppendEscaped(clean, true, out);
  out += '"';
}

// A key is a word; anything else in it would make the line ambiguous.
void AppendKey(std::string_view key, std::string& out) {
  constexpr std::size_t kLongestKey = 64;
  for (const char c : key.substr(0, kLongestKey)) {
    const bool is_word =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '-';
    out += is_word ? c : '_';
  }
  out += '=';
}

bool AppendField(std::string_view key, std::string_view shown, std::string& out) {
  if (out.size() > kMaxLogLineBytes) {
    return false;
  }
  out += ' ';
  AppendKey(key, out);
  AppendValue(shown, out);
  return true;
}

std::string Start(std::int64_t time_us, LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string line = FormatMicros(time_us);
  line += ' ';
  line += ToString(level);
  line += ' ';
  AppendEscaped(CleanUtf8(message.substr(0, kMaxLogValueBytes)), false, line);
  for (const LogField& field : fields) {
    AppendField(field.key(), field.Text(), line);
  }
  return line;
}

}  // namespace

std::string LogField::Text() const {
  if (const auto* text = std::get_if<std::string_view>(&value_)) {
    return Redact(key_, *text);
  }
  if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    return std::to_string(*number);
  }
  if (const auto* number = std::get_if<double>(&value_)) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, *number).ptr;
    return {buffer, end};
  }
  return std::get<bool>(value_) ? "true" : "false";
}

std::string FormatLogLine(std::int64_t time_us, LogLevel level, std::string_view message,
                          std::span<const LogField> fields) {
  return Start(time_us, level, message, fields) + "\n";
}

std::string FormatLogLine(std::int64_t time_us, LogLevel level, std::string_view message,
                          std::span<const LogField> fields, std::string_view json_fields) {
  std::string line = Start(time_us, level, message, fields);
  if (json_fields.empty()) {
    return line + "\n";
  }
  const Result<Json> json = Json::Parse(json_fields);
  if (!json.ok() || !json->view().is_object()) {
    AppendField("fields", MaskUrls(json_fields), line);
    return line + "\n";
  }
  json->view().ForEachMember([&](std::string_view key, JsonView value) {
    AppendField(key, Redact(key, value.is_string() ? std::string(value.AsString()) : value.Dump()), line);
  });
  return line + "\n";
}

}  // namespace tutti::host
