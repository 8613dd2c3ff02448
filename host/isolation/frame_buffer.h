// Cuts a stream of bytes into frames.
//
// One thread at a time. Bound: one frame of `max_frame` bytes; memory grows with what has arrived, not with what a
// length announces.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "host/isolation/frame.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class FrameBuffer {
 public:
  explicit FrameBuffer(std::size_t max_frame) : max_frame_(max_frame) {}

  // Where the next bytes go. Frames that were given out before are no longer valid.
  std::span<char> Room();

  // `count` bytes were written to the room.
  void Added(std::size_t count) { end_ += count; }

  // The next whole frame, or nothing yet. INVALID_ARGUMENT: this is no frame; the stream cannot be read further.
  Result<std::optional<Frame>> Next();

 private:
  const std::size_t max_frame_;
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tutti::host
