#include "bounded_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

namespace tutti::documents {
namespace {

constexpr int kAttempts = 3;
constexpr std::chrono::nanoseconds kSettled = std::chrono::seconds(2);  // the coarsest clock of a file system (FAT)

std::int64_t Nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

Status Unreadable(const std::string& path, int error) {
  return Status::Unavailable(path + ": expected a file that can be read, found: " + Reason(error));
}

// The first `most` bytes, or an errno value.
struct Bytes {
  std::string text;
  int error = 0;
};

Bytes ReadUpTo(int descriptor, std::size_t most) {
  Bytes bytes{std::string(most, '\0'), 0};
  std::size_t filled = 0;
  while (filled < most) {
    const ssize_t count = ::pread(descriptor, bytes.text.data() + filled, most - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      bytes.error = errno;
      break;
    }
    if (count == 0) {
      break;
    }
    filled += static_cast<std::size_t>(count);
  }
  bytes.text.resize(filled);
  return bytes;
}

// nullopt: it changed meanwhile.
std::optional<Result<std::string>> ReadOnce(int descriptor, std::uint64_t most, const std::string& path,
                                            const char* option) {
  struct stat before {};

  struct stat after {};

  if (::fstat(descriptor, &before) != 0) {
    return Unreadable(path, errno);
  }
  if (!S_ISREG(before.st_mode)) {
    return Status::InvalidArgument(path + ": expected a regular file, found " +
                                   (S_ISDIR(before.st_mode) ? "a directory" : "something else"));
  }
  const auto size = static_cast<std::uint64_t>(before.st_size);
  if (size > most) {
    return Status::InvalidArgument(path + ": expected at most " + std::to_string(most) + " bytes (" + option +
                                   "), found " + std::to_string(size));
  }
  // One byte more than there should be, so that a file that grows meanwhile is noticed.
  Bytes bytes = ReadUpTo(descriptor, static_cast<std::size_t>(size) + 1);
  if (bytes.error != 0) {
    return Unreadable(path, bytes.error);
  }
  if (::fstat(descriptor, &after) != 0) {
    return Unreadable(path, errno);
  }
  if (bytes.text.size() != size || !(StampOf(before) == StampOf(after))) {
    return std::nullopt;
  }
  return std::move(bytes.text);
}

}  // namespace

std::string Reason(int error) {
  return std::system_category().message(error);
}

FileStamp StampOf(const struct stat& status) {
  return {status.st_dev, status.st_ino, status.st_size, Nanoseconds(status.st_mtim), Nanoseconds(status.st_ctim)};
}

bool IsSettled(const FileStamp& stamp) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::chrono::nanoseconds last(std::max(stamp.modified_ns, stamp.changed_ns));
  return now - last > kSettled;
}

Result<std::string> ReadBounded(int descriptor, std::uint64_t most, const std::string& path, const char* option) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto read = ReadOnce(descriptor, most, path, option)) {
      return std::move(*read);
    }
  }
  return Status::Unavailable(path + ": the file changes while it is read; it is read again at the next question");
}

}  // namespace tutti::documents
