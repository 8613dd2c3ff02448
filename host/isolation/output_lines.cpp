#include "host/isolation/output_lines.h"

#include <algorithm>
#include <utility>

#include "tutti/sdk/text.hpp"

namespace tutti::host {

void OutputLines::Add(std::string_view bytes, Clock::time_point now) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t room = kMaxLine - partial_.size();
    const std::size_t taken = std::min({end, room, bytes.size()});
    partial_.append(bytes.substr(0, taken));
    const bool is_line = taken == end;
    bytes.remove_prefix(is_line ? taken + 1 : taken);
    if (is_line || partial_.size() == kMaxLine) {
      Give(std::exchange(partial_, {}), now);
    }
  }
}

void OutputLines::End(Clock::time_point now) {
  if (!partial_.empty()) {
    Give(std::exchange(partial_, {}), now);
  }
  if (dropped_ > 0) {
    take_(std::to_string(std::exchange(dropped_, 0)) + " more lines were dropped");
  }
}

void OutputLines::Give(std::string_view line, Clock::time_point now) {
  if (line.empty()) {
    return;
  }
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    in_second_ = 0;
    if (dropped_ > 0) {
      take_(std::to_string(std::exchange(dropped_, 0)) + " more lines were dropped");
    }
  }
  if (in_second_ >= kMaxPerSecond) {
    ++dropped_;
    return;
  }
  ++in_second_;
  take_(CleanUtf8(line));
}

}  // namespace tutti::host
