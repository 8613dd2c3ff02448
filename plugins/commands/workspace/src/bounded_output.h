// Keeps the beginning and the end of a stream of any length in bounded memory. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tutti::workspace {

class BoundedOutput {
 public:
  // Keeps at most `max_bytes`, half of them from each end.
  explicit BoundedOutput(std::size_t max_bytes) : head_bytes_((max_bytes + 1) / 2), tail_bytes_(max_bytes / 2) {}

  void Append(std::string_view bytes) {
    total_ += bytes.size();
    const std::size_t room = std::min(head_bytes_ - head_.size(), bytes.size());
    head_.append(bytes.substr(0, room));
    bytes.remove_prefix(room);
    tail_.append(bytes.substr(bytes.size() - std::min(bytes.size(), tail_bytes_)));
    if (tail_.size() > 2 * tail_bytes_) {
      tail_.erase(0, tail_.size() - tail_bytes_);
    }
  }

  [[nodiscard]] std::uint64_t total() const { return total_; }

  [[nodiscard]] std::uint64_t dropped() const { return total_ - head_.size() - std::min(tail_.size(), tail_bytes_); }

  // What was kept, with a note where bytes are missing.
  [[nodiscard]] std::string Text() const {
    const std::string_view tail = std::string_view(tail_).substr(tail_.size() - std::min(tail_.size(), tail_bytes_));
    std::string text = head_;
    if (dropped() > 0) {
      text += "\n[... " + std::to_string(dropped()) + " bytes left out ...]\n";
    }
    return text.append(tail);
  }

 private:
  const std::size_t head_bytes_;
  const std::size_t tail_bytes_;
  std::string head_;
  std::string tail_;
  std::uint64_t total_ = 0;
};

}  // namespace tutti::workspace
