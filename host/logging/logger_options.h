// What a log keeps, and for how long. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "host/logging/log_level.h"

namespace tutti::host {

struct LogFileOptions {
  std::string file;
  std::uint64_t max_bytes = 100ULL << 20U;       // closed before a line would make it larger
  std::chrono::seconds rotate_after{24 * 3600};  // since its first line
  std::chrono::seconds max_age{14 * 24 * 3600};  // closed files are removed this long after they were closed
  int max_files = 10;                            // closed files that are kept at most
};

struct LoggerOptions {
  LogLevel level = LogLevel::kInformation;
  bool console = true;  // standard error
  LogFileOptions file;  // no file when its name is empty
  int queue = 8192;     // lines waiting; as many again may be on their way out
};

}  // namespace tutti::host
