#include "host/manifest/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace tutti::host {

namespace {

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Status WritePrivateFile(const std::filesystem::path& path, std::string_view text) {
  // mkostemp makes it 0600 and fails on a link that somebody put in its place.
  std::string part = path.string() + ".XXXXXX";
  const int file = ::mkostemp(part.data(), O_CLOEXEC);
  if (file < 0) {
    return Status::Internal(path.string() + " cannot be written: " + std::strerror(errno));
  }
  bool is_written = WriteAll(file, text) && ::fsync(file) == 0;
  int reason = errno;
  if (::close(file) != 0 && is_written) {
    is_written = false;
    reason = errno;
  }
  if (is_written && std::rename(part.c_str(), path.c_str()) != 0) {
    is_written = false;
    reason = errno;
  }
  if (!is_written) {
    ::unlink(part.c_str());
    return Status::Internal(path.string() + " cannot be written: " + std::strerror(reason));
  }
  // The name is part of the file: without this a crash may bring the old one back. A directory that cannot be flushed
  // is no reason to refuse what has been written.
  const int directory = ::open(path.has_parent_path() ? path.parent_path().c_str() : ".", O_RDONLY | O_CLOEXEC);
  if (directory >= 0) {
    static_cast<void>(::fsync(directory));
    ::close(directory);
  }
  return {};
}

}  // namespace tutti::host
