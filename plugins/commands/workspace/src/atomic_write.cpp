#include "atomic_write.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tutti/sdk/text.hpp"

namespace tutti::workspace {
namespace {

constexpr mode_t kNewFileMode = 0666;
constexpr mode_t kPermissionBits = 0777;
constexpr int kLinkDepth = 8;

struct Location {
  std::string parent;
  std::string name;
};

Result<Location> Split(const std::string& relative) {
  std::string path = relative;
  if (path.empty() || path.back() == '/') {
    return Status::InvalidArgument("expected the path of a file, found a directory: \"" + relative + "\"");
  }
  const std::size_t slash = path.rfind('/');
  Location location{.parent = slash == std::string::npos ? "." : path.substr(0, slash),
                    .name = slash == std::string::npos ? path : path.substr(slash + 1)};
  if (location.name == "." || location.name == "..") {
    return Status::InvalidArgument("expected the path of a file, found a directory: \"" + relative + "\"");
  }
  if (location.parent.empty()) {
    location.parent = ".";
  }
  return location;
}

Status WriteAll(int fd, std::string_view content, const std::string& relative) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return Status::ResourceExhausted("could not write \"" + relative + "\": " + std::strerror(errno));
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status Replace(int parent, const Location& location, const struct stat* existing, std::string_view content,
               const std::string& relative) {
  const std::string temporary = ".tutti-" + NewUuid() + ".tmp";
  UniqueFd file(
      ::openat(parent, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kNewFileMode));
  if (!file) {
    return Status::PermissionDenied("could not create a file in the directory of \"" + relative +
                                    "\": " + std::strerror(errno));
  }
  Status status = WriteAll(file.get(), content, relative);
  if (status.ok() && existing != nullptr) {
    // Giving the file back to its owner only works as root; otherwise it is ours already or cannot be.
    if (::fchown(file.get(), existing->st_uid, existing->st_gid) != 0 && existing->st_uid != ::geteuid()) {
      status = Status::PermissionDenied("\"" + relative + "\" belongs to another user, whom it could not be kept for");
    } else if (::fchmod(file.get(), existing->st_mode & kPermissionBits) != 0) {
      status = Status::PermissionDenied("could not keep the mode of \"" + relative + "\": " + std::strerror(errno));
    }
  }
  if (status.ok() && ::renameat(parent, temporary.c_str(), parent, location.name.c_str()) != 0) {
    status = Status::FailedPrecondition("could not replace \"" + relative + "\": " + std::strerror(errno));
  }
  if (!status.ok()) {
    ::unlinkat(parent, temporary.c_str(), 0);
  }
  return status;
}

}  // namespace

bool IsSameVersion(const struct stat& left, const struct stat& right) {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino && left.st_size == right.st_size &&
         left.st_mtim.tv_sec == right.st_mtim.tv_sec && left.st_mtim.tv_nsec == right.st_mtim.tv_nsec;
}

Result<WrittenFile> WriteAtomically(const WorkingDirectory& directory, const std::string& relative,
                                    std::string_view content, const std::optional<struct stat>& expected) {
  std::string target = relative;
  for (int depth = 0; depth < kLinkDepth; ++depth) {
    const Result<Location> location = Split(target);
    if (!location) {
      return location.status();
    }
    const Result<UniqueFd> parent = directory.OpenOrMakeDirectory(location->parent);
    if (!parent) {
      return parent.status();
    }

    struct stat existing {};

    const bool exists = ::fstatat(parent->get(), location->name.c_str(), &existing, AT_SYMLINK_NOFOLLOW) == 0;
    if (!exists && errno != ENOENT) {
      return Status::FailedPrecondition("could not look at \"" + target + "\": " + std::strerror(errno));
    }
    if (exists && S_ISLNK(existing.st_mode)) {
      const Result<UniqueFd> pointed = directory.OpenExisting(target, O_PATH);
      if (!pointed) {
        return Status(pointed.status().code(),
                      "\"" + target + "\" is a symbolic link: " + std::string(pointed.status().message()));
      }
      Result<std::string> real = directory.PathOf(pointed->get());
      if (!real) {
        return real.status();
      }
      target = std::move(*real);
      continue;
    }
    if (exists && !S_ISREG(existing.st_mode)) {
      return Status::InvalidArgument("expected a regular file at \"" + target +
                                     "\", found a directory, pipe, socket or device");
    }
    if (expected && (!exists || !IsSameVersion(*expected, existing))) {
      return Status(Code::kAborted, "\"" + target + "\" was changed by somebody else meanwhile; read it again");
    }
    const Status status = Replace(parent->get(), *location, exists ? &existing : nullptr, content, target);
    if (!status.ok()) {
      return status;
    }
    return WrittenFile{.relative = target, .created = !exists};
  }
  return Status::FailedPrecondition("\"" + relative + "\" passes too many symbolic links");
}

}  // namespace tutti::workspace
