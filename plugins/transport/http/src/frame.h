// WebSocket frames as the server writes them (RFC 6455 section 5.2: never masked), and the close codes. Pure. [any]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tutti::transport::http {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

// RFC 6455 section 7.4.1. kNoStatus and kAbnormal are never sent.
enum CloseCode : std::uint16_t {
  kCloseNormal = 1000,
  kCloseGoingAway = 1001,
  kCloseProtocolError = 1002,
  kCloseNoStatus = 1005,
  kCloseAbnormal = 1006,
  kCloseInvalidData = 1007,
  kClosePolicy = 1008,
  kCloseTooBig = 1009,
  kCloseInternalError = 1011,
};

constexpr std::size_t kMostControlBytes = 125;

// Whether an endpoint may put the code into a close frame.
[[nodiscard]] bool IsSendableCloseCode(std::uint16_t code);

// One final frame.
[[nodiscard]] std::string EncodeFrame(Opcode opcode, std::string_view payload);

// A close frame; a reason that is too long is cut between characters. kCloseNoStatus writes an empty payload.
[[nodiscard]] std::string EncodeClose(std::uint16_t code, std::string_view reason);

}  // namespace tutti::transport::http
