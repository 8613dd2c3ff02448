// Reads a file line by line, or whole, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::workspace {

struct Line {
  std::string text;  // without its end; at most the reader's limit
  bool cut = false;
};

// Borrows the descriptor. Not thread-safe.
class LineReader {
 public:
  LineReader(int fd, std::size_t max_line_bytes) : fd_(fd), max_line_bytes_(max_line_bytes) {}

  // Whether the first block holds a NUL byte, the mark of what is no text. Ask before the first Next.
  [[nodiscard]] bool IsBinary();

  // False at the end of the file or after an error.
  [[nodiscard]] bool Next(Line* line);

  // Whether the file was read from since the last question: the moment to look at the clock.
  [[nodiscard]] bool TakeFilledBlock() { return std::exchange(filled_block_, false); }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // errno of the failed read, 0 when there was none.
  [[nodiscard]] int error() const { return error_; }

 private:
  bool Fill();

  const int fd_;
  const std::size_t max_line_bytes_;
  std::vector<char> block_;
  std::string_view rest_;
  std::size_t bytes_ = 0;
  bool filled_block_ = false;
  int error_ = 0;
};

// OUT_OF_RANGE when the file is larger than `max_bytes`.
Result<std::string> ReadWhole(int fd, std::size_t max_bytes);

}  // namespace tutti::workspace
