// The lexical rules of HTTP header fields (RFC 9110 section 5.6, RFC 9112). Pure functions. [any]
#pragma once

#include <string_view>

namespace tutti::transport::http {

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// One or more token characters.
[[nodiscard]] bool IsToken(std::string_view text);

// No control characters except the horizontal tab.
[[nodiscard]] bool IsFieldValue(std::string_view text);

// ASCII only, as field names and most field values compare.
[[nodiscard]] bool EqualIgnoringCase(std::string_view left, std::string_view right);

// Without spaces and tabs at both ends.
[[nodiscard]] std::string_view Trim(std::string_view text);

// Whether a comma separated list holds `element`, compared without case.
[[nodiscard]] bool ListContains(std::string_view list, std::string_view element);

}  // namespace tutti::transport::http
