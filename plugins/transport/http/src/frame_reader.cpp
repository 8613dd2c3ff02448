#include "frame_reader.h"

#include <algorithm>
#include <cstring>

namespace tutti::transport::http {
namespace {

bool Violate(std::optional<FrameEvent>& event, std::uint16_t code, std::string sentence) {
  event = FrameEvent{FrameEvent::Kind::kViolation, std::move(sentence), code};
  return false;
}

void Unmask(char* data, std::size_t size, const std::uint8_t* mask, std::uint64_t offset) {
  std::uint8_t rotated[8];
  for (std::size_t i = 0; i < sizeof rotated; ++i) {
    rotated[i] = mask[(offset + i) & 3];
  }
  std::uint64_t wide = 0;
  std::memcpy(&wide, rotated, sizeof wide);
  std::size_t i = 0;
  for (; i + sizeof wide <= size; i += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + i, sizeof word);
    word ^= wide;
    std::memcpy(data + i, &word, sizeof word);
  }
  for (; i < size; ++i) {
    data[i] = static_cast<char>(static_cast<std::uint8_t>(data[i]) ^ rotated[i & 7]);
  }
}

}  // namespace

std::size_t FrameReader::Feed(std::string_view bytes, std::optional<FrameEvent>& event) {
  event.reset();
  std::size_t taken = 0;
  while (taken < bytes.size() && !event) {
    if (in_payload_) {
      taken += FeedPayload(bytes.substr(taken), event);
    } else {
      FeedHeaderByte(bytes[taken++], event);
    }
  }
  return taken;
}

void FrameReader::FeedHeaderByte(char c, std::optional<FrameEvent>& event) {
  const auto byte = static_cast<std::uint8_t>(c);
  header_[header_size_++] = byte;
  if (header_size_ == 1) {
    (void)FirstByte(byte, event);
    return;
  }
  if (header_size_ == 2 && !SecondByte(byte, event)) {
    return;
  }
  if (header_size_ < header_needed_ || !Length(event)) {
    return;
  }
  in_payload_ = true;
  mask_offset_ = 0;
  if (remaining_ == 0) {
    FinishFrame(event);
  }
}

bool FrameReader::FirstByte(std::uint8_t byte, std::optional<FrameEvent>& event) {
  is_final_ = (byte & 0x80U) != 0;
  opcode_ = static_cast<Opcode>(byte & 0x0FU);
  if ((byte & 0x70U) != 0) {
    return Violate(event, kCloseProtocolError, "expected reserved bits of zero, as no extension was agreed");
  }
  switch (opcode_) {
    case Opcode::kContinuation:
      return message_opcode_ != Opcode::kContinuation ||
             Violate(event, kCloseProtocolError, "expected a message before its continuation");
    case Opcode::kText:
    case Opcode::kBinary:
      return message_opcode_ == Opcode::kContinuation ||
             Violate(event, kCloseProtocolError, "expected the rest of a fragmented message before the next one");
    case Opcode::kClose:
    case Opcode::kPing:
    case Opcode::kPong:
      return is_final_ || Violate(event, kCloseProtocolError, "expected a control frame in one piece");
    default:
      return Violate(event, kCloseProtocolError, "expected a known opcode");
  }
}

bool FrameReader::SecondByte(std::uint8_t byte, std::optional<FrameEvent>& event) {
  constexpr std::uint8_t kMaskBytes = 4;
  if ((byte & 0x80U) == 0) {
    return Violate(event, kCloseProtocolError, "expected a masked frame from a client");
  }
  const unsigned length = byte & 0x7FU;
  if (is_control() && length > kMostControlBytes) {
    return Violate(event, kCloseProtocolError, "expected a control frame of at most 125 bytes");
  }
  header_needed_ = static_cast<std::uint8_t>(2 + kMaskBytes + (length == 126 ? 2 : length == 127 ? 8 : 0));
  remaining_ = length;
  return true;
}

bool FrameReader::Length(std::optional<FrameEvent>& event) {
  if (remaining_ >= 126) {
    const std::size_t bytes = remaining_ == 126 ? 2 : 8;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      length = length << 8 | header_[2 + i];
    }
    if (length < (bytes == 2 ? 126U : 0x10000U) || length >> 63 != 0) {
      return Violate(event, kCloseProtocolError, "expected a payload length in its shortest form");
    }
    remaining_ = length;
  }
  if (!is_control() && remaining_ > message_bytes_ - message_.size()) {
    return Violate(event, kCloseTooBig, "expected a message of at most " + std::to_string(message_bytes_) + " bytes");
  }
  return true;
}

std::size_t FrameReader::FeedPayload(std::string_view bytes, std::optional<FrameEvent>& event) {
  const std::size_t step = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
  std::string& target = is_control() ? control_ : message_;
  const std::size_t begin = target.size();
  target.append(bytes.substr(0, step));
  Unmask(target.data() + begin, step, header_ + header_needed_ - 4, mask_offset_);
  mask_offset_ += step;
  remaining_ -= step;
  const bool is_text = !is_control() && (opcode_ == Opcode::kText || message_opcode_ == Opcode::kText);
  if (is_text && !text_.Feed(std::string_view(target).substr(begin))) {
    (void)Violate(event, kCloseInvalidData, "expected a text message in UTF-8");
    return step;
  }
  if (remaining_ == 0) {
    FinishFrame(event);
  }
  return step;
}

void FrameReader::FinishFrame(std::optional<FrameEvent>& event) {
  in_payload_ = false;
  header_size_ = 0;
  header_needed_ = 2;
  switch (opcode_) {
    case Opcode::kPing:
      event = FrameEvent{FrameEvent::Kind::kPing, std::move(control_), 0};
      control_.clear();
      return;
    case Opcode::kPong:
      event = FrameEvent{FrameEvent::Kind::kPong, std::move(control_), 0};
      control_.clear();
      return;
    case Opcode::kClose:
      return FinishClose(event);
    default:
      break;
  }
  if (opcode_ != Opcode::kContinuation) {
    message_opcode_ = opcode_;
  }
  if (!is_final_) {
    return;
  }
  const bool is_text = message_opcode_ == Opcode::kText;
  if (is_text && !text_.is_complete()) {
    (void)Violate(event, kCloseInvalidData, "expected a text message in UTF-8, found one that ends inside a character");
    return;
  }
  event = FrameEvent{is_text ? FrameEvent::Kind::kText : FrameEvent::Kind::kBinary, std::move(message_), 0};
  message_ = {};
  text_.Reset();
  message_opcode_ = Opcode::kContinuation;
}

void FrameReader::FinishClose(std::optional<FrameEvent>& event) {
  if (control_.empty()) {
    event = FrameEvent{FrameEvent::Kind::kClose, {}, kCloseNoStatus};
    return;
  }
  if (control_.size() == 1) {
    (void)Violate(event, kCloseProtocolError, "expected a close code of two bytes");
    return;
  }
  const auto code =
      static_cast<std::uint16_t>(static_cast<std::uint8_t>(control_[0]) << 8 | static_cast<std::uint8_t>(control_[1]));
  if (!IsSendableCloseCode(code)) {
    (void)Violate(event, kCloseProtocolError, "expected a close code that may be sent, found " + std::to_string(code));
    return;
  }
  Utf8Validator reason;
  if (!reason.Feed(std::string_view(control_).substr(2)) || !reason.is_complete()) {
    (void)Violate(event, kCloseInvalidData, "expected a close reason in UTF-8");
    return;
  }
  event = FrameEvent{FrameEvent::Kind::kClose, control_.substr(2), code};
}

}  // namespace tutti::transport::http
