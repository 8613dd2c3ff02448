#include "host/house/whole_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tutti::host {
namespace {

Status Failed(const std::string& path, const char* what) {
  return Status::FailedPrecondition(path + " cannot be " + what + ": " + std::strerror(errno));
}

Status ExistsAlready(const std::filesystem::path& path) {
  return Status::AlreadyExists(path.string() + " exists already; name another file, or remove it first");
}

Status SyncDirectory(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) {
    return Failed(directory.string(), "opened");
  }
  const Status status =
      ::fsync(file) == 0 || errno == EINVAL ? Status() : Failed(directory.string(), "brought to disk");
  ::close(file);
  return status;
}

}  // namespace

WholeFile::~WholeFile() {
  if (!writing_.empty()) {
    ::unlink(writing_.c_str());
  }
}

Status WholeFile::Begin(const std::filesystem::path& path) {
  path_ = std::filesystem::absolute(path);

  struct stat found {};

  if (::lstat(path_.c_str(), &found) == 0) {
    return ExistsAlready(path_);
  }
  std::string pattern = (path_.parent_path() / ("." + path_.filename().string() + ".partial-XXXXXX")).string();
  const int file = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (file < 0) {
    return Failed(path_.string(), "written");
  }
  ::close(file);
  writing_ = std::move(pattern);
  return {};
}

Status WholeFile::Finish() {
  const int file = ::open(writing_.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_on_disk = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) {
    ::close(file);
  }
  if (!is_on_disk) {
    return Failed(writing_, "brought to disk");
  }
  int moved = ::renameat2(AT_FDCWD, writing_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
  if (moved != 0 && (errno == EINVAL || errno == ENOSYS)) {
    // A file system that cannot refuse to replace.
    moved = ::rename(writing_.c_str(), path_.c_str());
  }
  if (moved != 0) {
    return errno == EEXIST ? ExistsAlready(path_) : Failed(path_.string(), "put in its place");
  }
  writing_.clear();
  return SyncDirectory(path_.parent_path());
}

}  // namespace tutti::host
