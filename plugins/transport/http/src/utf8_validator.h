// Checks UTF-8 (RFC 3629) that arrives in pieces, and fails at the first byte that cannot be part of it.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace tutti::transport::http {

class Utf8Validator {
 public:
  // False as soon as no continuation could make the text valid.
  [[nodiscard]] bool Feed(std::string_view bytes);

  // Whether the text may end here.
  [[nodiscard]] bool is_complete() const { return pending_ == 0; }

  void Reset() { *this = {}; }

 private:
  bool Lead(std::uint8_t byte);

  // Continuation bytes to come, and the range of the next one: narrower after some lead bytes, which is what refuses
  // overlong forms, surrogates and what lies beyond U+10FFFF.
  std::uint8_t pending_ = 0;
  std::uint8_t least_ = 0x80;
  std::uint8_t most_ = 0xBF;
};

}  // namespace tutti::transport::http
