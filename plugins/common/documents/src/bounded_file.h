// Reading of files that others may write meanwhile, within bounds.
//
// Pure functions of the file system; any thread. They block on it, but never on a pipe or a device.
#pragma once

#include <cstdint>
#include <string>

#include "tutti/sdk/status.hpp"

struct stat;

namespace tutti::documents {

// What tells two states of a file apart.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const FileStamp&) const = default;
};

FileStamp StampOf(const struct stat& status);

// Whether the stamp is old enough that a later change must show in it: the clock of file systems moves in steps, and
// two writes within one step have one stamp.
bool IsSettled(const FileStamp& stamp);

// The whole content. `path` and `option`, the name of the bound, are for messages. INVALID_ARGUMENT: no regular file,
// or larger than `most`. UNAVAILABLE: it cannot be read, or changed each time it was.
Result<std::string> ReadBounded(int descriptor, std::uint64_t most, const std::string& path, const char* option);

// The message of an errno value.
std::string Reason(int error);

}  // namespace tutti::documents
