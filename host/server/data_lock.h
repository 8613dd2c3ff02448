// One process per data directory.
#pragma once

#include <filesystem>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Held until destroyed, or until the process ends in whatever way.
class DataLock {
 public:
  DataLock() = default;
  ~DataLock();
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;

  // Creates the directory (mode 0700) and locks it. FAILED_PRECONDITION names the process that holds it.
  Status Take(const std::filesystem::path& directory);

 private:
  int file_ = -1;
};

}  // namespace tutti::host
