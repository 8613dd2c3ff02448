#include "frame.h"

namespace tutti::transport::http {

bool IsSendableCloseCode(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

std::string EncodeFrame(Opcode opcode, std::string_view payload) {
  constexpr unsigned kFinal = 0x80;
  constexpr std::size_t kMostHeaderBytes = 10;
  std::string frame;
  frame.reserve(payload.size() + kMostHeaderBytes);
  frame.push_back(static_cast<char>(kFinal | static_cast<unsigned>(opcode)));
  int length_bytes = 0;
  if (payload.size() <= kMostControlBytes) {
    frame.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    frame.push_back(126);
    length_bytes = 2;
  } else {
    frame.push_back(127);
    length_bytes = 8;
  }
  for (int i = length_bytes - 1; i >= 0; --i) {
    frame.push_back(static_cast<char>(payload.size() >> (8 * i) & 0xFF));
  }
  frame.append(payload);
  return frame;
}

std::string EncodeClose(std::uint16_t code, std::string_view reason) {
  if (code == kCloseNoStatus) {
    return EncodeFrame(Opcode::kClose, {});
  }
  std::size_t length = reason.size();
  if (length > kMostControlBytes - 2) {
    length = kMostControlBytes - 2;
    while (length > 0 && (static_cast<unsigned char>(reason[length]) & 0xC0U) == 0x80U) {
      --length;
    }
  }
  std::string payload;
  payload.push_back(static_cast<char>(code >> 8));
  payload.push_back(static_cast<char>(code & 0xFF));
  payload.append(reason.substr(0, length));
  return EncodeFrame(Opcode::kClose, payload);
}

}  // namespace tutti::transport::http
