// Escaped UTF-16 in JSON text that is no character.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace tutti {

// JSON text with every escaped half of a surrogate pair replaced by U+FFFD: a half is no character, and browsers write
// one where a text was cut inside an emoji.
inline std::string ReplaceLoneSurrogates(std::string json) {
  const auto unit = [](std::string_view escape) {
    int code = -1;
    if (escape.size() < 6 || escape[0] != '\\' || escape[1] != 'u') {
      return -1;
    }
    const auto end = std::from_chars(escape.data() + 2, escape.data() + 6, code, 16);
    return end.ptr == escape.data() + 6 ? code : -1;
  };
  for (std::size_t i = json.find('\\'); i != std::string::npos; i = json.find('\\', i)) {
    const std::string_view rest = std::string_view(json).substr(i);
    const int code = unit(rest);
    if (code < 0xD800 || code > 0xDFFF) {
      i += 2;
      continue;
    }
    const int next = rest.size() > 6 ? unit(rest.substr(6)) : -1;
    if (code < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
      i += 12;
      continue;
    }
    json.replace(i, 6, "\\ufffd");
    i += 6;
  }
  return json;
}

}  // namespace tutti
