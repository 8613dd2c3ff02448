// Replaces a file as a whole, beneath a working directory.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "working_directory.h"

namespace tutti::workspace {

struct WrittenFile {
  std::string relative;  // where it really is, symbolic links resolved
  bool created = false;
};

// Writes a temporary file beside the target and renames it over. Missing parent directories are made. With `expected`,
// the target must still be that version (inode, size, time of change), otherwise ABORTED and nothing is written.
Result<WrittenFile> WriteAtomically(const WorkingDirectory& directory, const std::string& relative,
                                    std::string_view content, const std::optional<struct stat>& expected = {});

// Whether both describe the same content of the same file.
bool IsSameVersion(const struct stat& left, const struct stat& right);

}  // namespace tutti::workspace
