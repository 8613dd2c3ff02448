#include "host/isolation/frame_buffer.h"

#include <algorithm>
#include <cstring>

namespace tutti::host {

namespace {

// One recv takes several small frames; beyond this, memory follows the frame that is arriving.
constexpr std::size_t kUsual = 64UL * 1024;

}  // namespace

std::span<char> FrameBuffer::Room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (bytes_.size() > kUsual * 16) {
      bytes_ = std::vector<char>(kUsual);
    }
  }
  if (begin_ > 0 && bytes_.size() - end_ < kUsual / 4) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (bytes_.size() - end_ < kUsual / 4) {
    bytes_.resize(std::max(kUsual, bytes_.size() * 2));
  }
  return {bytes_.data() + end_, bytes_.size() - end_};
}

Result<std::optional<Frame>> FrameBuffer::Next() {
  const std::size_t held = end_ - begin_;
  std::uint32_t length = 0;
  if (held < sizeof length) {
    return std::optional<Frame>();
  }
  const char* at = bytes_.data() + begin_;
  std::memcpy(&length, at, sizeof length);
  if (length + sizeof length > max_frame_) {
    return Status::InvalidArgument("expected a frame of at most " + std::to_string(max_frame_) +
                                   " bytes, found one of " + std::to_string(length + sizeof length));
  }
  if (length + sizeof length < FrameWriter::kHeader) {
    return Status::InvalidArgument("expected a frame of at least " + std::to_string(FrameWriter::kHeader) +
                                   " bytes, found one of " + std::to_string(length + sizeof length));
  }
  if (held < length + sizeof length) {
    return std::optional<Frame>();
  }
  std::uint16_t type = 0;
  Frame frame;
  std::memcpy(&type, at + 4, sizeof type);
  std::memcpy(&frame.op, at + 6, sizeof frame.op);
  std::memcpy(&frame.id, at + 8, sizeof frame.id);
  frame.type = static_cast<FrameType>(type);
  frame.fields = {at + FrameWriter::kHeader, length + sizeof length - FrameWriter::kHeader};
  begin_ += length + sizeof length;
  return std::optional<Frame>(frame);
}

}  // namespace tutti::host
