// A file that is there as a whole or not at all: written beside its place under another name, then moved.
//
// One thread.
#pragma once

#include <filesystem>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

class WholeFile {
 public:
  WholeFile() = default;
  // Removes what was not moved to its place.
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  // An empty file, for its owner alone (0600), in the directory of `path`. ALREADY_EXISTS when there is a file at
  // `path`.
  Status Begin(const std::filesystem::path& path);

  // Where to write.
  [[nodiscard]] const std::string& writing() const { return writing_; }

  // Moves it to its place, on disk. ALREADY_EXISTS when somebody else has put a file there meanwhile.
  Status Finish();

 private:
  std::filesystem::path path_;
  std::string writing_;
};

}  // namespace tutti::host
