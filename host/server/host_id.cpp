#include "host/server/host_id.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

Status Failed(const std::string& file, const char* what) {
  return Status::Unavailable(file + " cannot be " + what + ": " + std::strerror(errno) +
                             "; it holds the id by which this host knows its own runs");
}

// Whole or not at all, also when the power goes.
Status WriteOnce(const std::filesystem::path& directory, const std::string& file, const std::string& id) {
  const std::string fresh = file + ".new";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Failed(fresh, "created");
  }
  const std::string line = id + "\n";
  const bool is_written =
      ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(descriptor) == 0;
  const Status written = is_written ? Status() : Failed(fresh, "written");
  ::close(descriptor);
  if (!written.ok()) {
    return written;
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) {
    return Failed(file, "written");
  }
  if (const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
    (void)::fsync(folder);
    ::close(folder);
  }
  return {};
}

}  // namespace

Result<std::string> HostIdOf(const std::filesystem::path& directory) {
  const std::string file = (directory / "host.id").string();
  if (std::ifstream kept(file); kept) {
    std::string id;
    std::getline(kept, id);
    if (IsUuid(id)) {
      return id;
    }
    return Status::FailedPrecondition(file + " holds no UUID; restore it, or remove it, and runs that this host left " +
                                      "unfinished go on when their leases are over");
  }
  const std::string id = NewUuid();
  if (Status written = WriteOnce(directory, file, id); !written.ok()) {
    return written;
  }
  return id;
}

}  // namespace tutti::host
