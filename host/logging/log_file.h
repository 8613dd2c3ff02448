// A log file that is replaced when it grows too large or too old, and whose predecessors are removed in time.
//
// Poco's FileChannel rotates by size or by age but not by both, hence this class. Used from one thread at a time. Owns
// its descriptor. The file is appended to and created with mode 0640; a closed file is called <file>.<UTC time it was
// closed>.
#pragma once

#include <cstdint>
#include <string_view>

#include "host/logging/logger_options.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class LogFile {
 public:
  // Nothing is opened before Open or the first Write.
  explicit LogFile(LogFileOptions options) : options_(std::move(options)) {}

  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Opens or opens again (after another program has moved the file); directories are created.
  Status Open(std::int64_t now_us);

  // Appends a whole line. Rotates and removes as due. After a failure the next Write tries again.
  Status Write(std::string_view line, std::int64_t now_us);

 private:
  Status Rotate(std::int64_t now_us);
  void RemoveOld(std::int64_t now_us);
  void Close();

  LogFileOptions options_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::int64_t first_line_us_ = 0;
  std::int64_t last_removal_us_ = 0;
};

}  // namespace tutti::host
