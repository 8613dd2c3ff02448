#include "host/server/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace tutti::host {

DataLock::~DataLock() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

Status DataLock::Take(const std::filesystem::path& directory) {
  std::error_code failed;
  const bool created = std::filesystem::create_directories(directory, failed);
  if (failed) {
    return Status::FailedPrecondition("the data directory " + directory.string() +
                                      " cannot be created: " + failed.message() + "; choose another with --data");
  }
  if (created) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
  }
  const std::string file = (directory / "lock").string();
  file_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) {
    return Status::FailedPrecondition(file + " cannot be opened: " + std::strerror(errno) +
                                      "; choose another data directory with --data");
  }
  char holder[32] = {};
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const ssize_t length = ::pread(file_, holder, sizeof holder - 1, 0);
    const std::string who = length > 0 ? " (process " + std::string(holder) + ")" : "";
    return Status::FailedPrecondition("the data directory " + directory.string() + " is in use by another tutti" + who +
                                      "; stop it, or choose another with --data");
  }
  const std::string self = std::to_string(::getpid());
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, self.data(), self.size(), 0) < 0) {
    return Status::FailedPrecondition(file + " cannot be written: " + std::strerror(errno));
  }
  return {};
}

}  // namespace tutti::host
