// Reads what a WebSocket client sends (RFC 6455) from bytes that arrive in any pieces: messages put together from their
// fragments, control frames in between, and the first violation.
//
// Holds at most one message of the limit and one control frame. Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "frame.h"
#include "utf8_validator.h"

namespace tutti::transport::http {

struct FrameEvent {
  enum class Kind : std::uint8_t { kText, kBinary, kPing, kPong, kClose, kViolation };

  Kind kind = Kind::kText;
  // The message, the ping's or pong's data, the close reason, or the sentence that explains the violation.
  std::string payload;
  // Of a close (kCloseNoStatus when it carried none), or the one that answers the violation.
  std::uint16_t code = 0;
};

class FrameReader {
 public:
  explicit FrameReader(std::size_t message_bytes) : message_bytes_(message_bytes) {}

  // Takes bytes up to the end of the next event and returns how many. Nothing may be fed after a close or a violation.
  std::size_t Feed(std::string_view bytes, std::optional<FrameEvent>& event);

  // Bytes of an unfinished message held.
  [[nodiscard]] std::size_t buffered() const { return message_.size(); }

 private:
  // Each returns false after setting a violation.
  bool FirstByte(std::uint8_t byte, std::optional<FrameEvent>& event);
  bool SecondByte(std::uint8_t byte, std::optional<FrameEvent>& event);
  bool Length(std::optional<FrameEvent>& event);

  void FeedHeaderByte(char c, std::optional<FrameEvent>& event);
  std::size_t FeedPayload(std::string_view bytes, std::optional<FrameEvent>& event);
  void FinishFrame(std::optional<FrameEvent>& event);
  void FinishClose(std::optional<FrameEvent>& event);

  [[nodiscard]] bool is_control() const { return static_cast<unsigned>(opcode_) >= 8; }

  std::size_t message_bytes_;

  std::uint8_t header_[14] = {};
  std::uint8_t header_size_ = 0;
  // Known after the second byte.
  std::uint8_t header_needed_ = 2;
  bool in_payload_ = false;
  bool is_final_ = false;
  Opcode opcode_ = Opcode::kText;
  std::uint64_t remaining_ = 0;
  std::uint64_t mask_offset_ = 0;

  // kContinuation: no message has begun.
  Opcode message_opcode_ = Opcode::kContinuation;
  std::string message_;
  std::string control_;
  Utf8Validator text_;
};

}  // namespace tutti::transport::http
