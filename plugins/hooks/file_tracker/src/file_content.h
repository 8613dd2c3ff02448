// What stands in a file at one moment, up to a limit.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tutti::file_tracker {

struct FileContent {
  enum class State {
    kRead,     // `bytes` is the file
    kMissing,  // there is no such file
    kRefused,  // there is something, but `reason` says why it was not read
  };

  // Reads a regular file of at most `max_bytes`, again when it changed meanwhile. Blocks; never on a pipe or device.
  static FileContent Read(const std::string& path, std::size_t max_bytes);

  State state = State::kMissing;
  std::string bytes;
  std::string reason;
};

struct LineCount {
  // Newlines in the first `max_bytes`, or as far as it comes until `until`. A file that cannot be read has none.
  static LineCount Of(const std::string& path, std::uint64_t max_bytes, std::chrono::steady_clock::time_point until);

  std::int64_t lines = 0;
  bool is_whole = true;  // false: the file is longer than what was looked at
};

}  // namespace tutti::file_tracker
