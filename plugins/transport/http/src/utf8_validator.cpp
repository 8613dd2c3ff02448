#include "utf8_validator.h"

#include <cstddef>
#include <cstring>

namespace tutti::transport::http {

bool Utf8Validator::Feed(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (pending_ == 0 && bytes.size() - i >= sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i, sizeof word);
      if ((word & kHighBits) == 0) {
        i += sizeof word;
        continue;
      }
    }
    const auto byte = static_cast<std::uint8_t>(bytes[i++]);
    if (pending_ == 0) {
      if (!Lead(byte)) {
        return false;
      }
      continue;
    }
    if (byte < least_ || byte > most_) {
      return false;
    }
    --pending_;
    least_ = 0x80;
    most_ = 0xBF;
  }
  return true;
}

bool Utf8Validator::Lead(std::uint8_t byte) {
  if (byte < 0x80) {
    return true;
  }
  if (byte < 0xC2 || byte > 0xF4) {
    return false;
  }
  pending_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  least_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  most_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
  return true;
}

}  // namespace tutti::transport::http
