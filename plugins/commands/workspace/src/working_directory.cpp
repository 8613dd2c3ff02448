#include "working_directory.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>

namespace tutti::workspace {
namespace {

constexpr int kResolveAttempts = 64;
constexpr unsigned kNewDirectoryMode = 0777;

int OpenBeneath(int directory, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    // The kernel answers EAGAIN when something was renamed while it resolved "..".
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR) || attempt == kResolveAttempts) {
      return static_cast<int>(fd);
    }
  }
}

std::string DescriptorPath(int fd) {
  char target[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
  return length > 0 ? std::string(target, static_cast<std::size_t>(length)) : std::string();
}

bool StripPrefix(std::string_view path, std::string_view prefix, std::string* rest) {
  while (prefix.size() > 1 && prefix.back() == '/') {
    prefix.remove_suffix(1);
  }
  if (prefix.empty() || path.substr(0, prefix.size()) != prefix) {
    return false;
  }
  path.remove_prefix(prefix.size());
  if (!path.empty() && path.front() != '/' && prefix != "/") {
    return false;
  }
  while (!path.empty() && path.front() == '/') {
    path.remove_prefix(1);
  }
  *rest = path.empty() ? "." : std::string(path);
  return true;
}

const char* KindOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    default:
      return "not a regular file";
  }
}

}  // namespace

Result<WorkingDirectory> WorkingDirectory::Open(const std::string& path) {
  std::error_code error;
  WorkingDirectory directory;
  directory.configured_path_ = std::filesystem::absolute(path, error).lexically_normal().string();
  directory.fd_ = UniqueFd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.fd_) {
    return Status::FailedPrecondition("expected the working directory \"" + path + "\" to be a directory, found: " +
                                      std::strerror(errno) + "; create it or set working_dir");
  }
  directory.real_path_ = DescriptorPath(directory.fd_.get());
  if (directory.real_path_.empty()) {
    return Status::FailedPrecondition("expected /proc to be mounted, could not read the name of \"" + path +
                                      "\" there");
  }
  return directory;
}

Result<std::string> WorkingDirectory::Relative(std::string_view path) const {
  if (path.empty()) {
    return Status::InvalidArgument("expected a path, found an empty string");
  }
  if (path.find('\0') != std::string_view::npos || path.size() >= PATH_MAX) {
    return Status::InvalidArgument("expected a path of fewer than " + std::to_string(PATH_MAX) +
                                   " bytes without NUL, found another");
  }
  if (path.front() != '/') {
    return std::string(path);
  }
  std::string relative;
  if (StripPrefix(path, real_path_, &relative) || StripPrefix(path, configured_path_, &relative)) {
    return relative;
  }
  return Status::PermissionDenied("\"" + std::string(path) + "\" is outside the working directory " + real_path_ +
                                  "; use a path beneath it");
}

Status WorkingDirectory::Explain(int error, const std::string& relative, std::string_view wanted) const {
  const std::string name = "\"" + relative + "\"";
  switch (error) {
    case ENOENT:
      return Status::NotFound("expected " + std::string(wanted) + " at " + name + " beneath " + real_path_ +
                              ", found nothing; Glob lists what is there");
    case EXDEV:
      return Status::PermissionDenied(name + " leads out of the working directory " + real_path_ +
                                      " (through \"..\" or a symbolic link); use a path beneath it");
    case ELOOP:
      return Status::PermissionDenied(name + " passes a symbolic link that must not be followed");
    case ENOTDIR:
      return Status::InvalidArgument("expected directories on the way to " + name + ", found a file among them");
    case EACCES:
    case EPERM:
      return Status::PermissionDenied("no permission for " + name + "; the server's user may not access it");
    case ENOSYS:
      return Status::FailedPrecondition("the path tools need openat2, that is Linux 5.6 or newer");
    default:
      return Status::FailedPrecondition("could not open " + name + " as " + std::string(wanted) + ": " +
                                        std::strerror(error));
  }
}

Result<UniqueFd> WorkingDirectory::OpenExisting(const std::string& relative, int flags) const {
  UniqueFd fd(OpenBeneath(fd_.get(), relative, flags));
  if (!fd) {
    return Explain(errno, relative, (flags & O_DIRECTORY) != 0 ? "a directory" : "a file");
  }
  return fd;
}

Result<UniqueFd> WorkingDirectory::OpenOrMakeDirectory(const std::string& relative) const {
  UniqueFd whole(OpenBeneath(fd_.get(), relative, O_PATH | O_DIRECTORY));
  if (whole) {
    return whole;
  }
  if (errno != ENOENT) {
    return Explain(errno, relative, "a directory");
  }
  UniqueFd parent(OpenBeneath(fd_.get(), ".", O_PATH | O_DIRECTORY));
  std::size_t begin = 0;
  while (begin < relative.size()) {
    const std::size_t end = std::min(relative.find('/', begin), relative.size());
    const std::string name = relative.substr(begin, end - begin);
    const std::string so_far = relative.substr(0, end);
    begin = end + 1;
    if (name.empty() || name == ".") {
      continue;
    }
    // A single name is never followed by mkdirat; what stands there already is judged by the open below, from the top.
    if (name != ".." && ::mkdirat(parent.get(), name.c_str(), kNewDirectoryMode) != 0 && errno != EEXIST) {
      return Explain(errno, so_far, "room for a directory");
    }
    parent = UniqueFd(OpenBeneath(fd_.get(), so_far, O_PATH | O_DIRECTORY));
    if (!parent) {
      return Explain(errno, so_far, "a directory");
    }
  }
  return parent;
}

Result<UniqueFd> WorkingDirectory::OpenRegularFile(const std::string& relative) const {
  // O_PATH first: merely opening a device may act on it.
  Result<UniqueFd> found = OpenExisting(relative, O_PATH);
  if (!found) {
    return found;
  }

  struct stat status {};

  if (::fstat(found->get(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return Status::InvalidArgument(std::string("expected a regular file at \"") + relative + "\", found " +
                                   KindOf(status.st_mode) +
                                   (S_ISDIR(status.st_mode) ? "; list it with Glob or Bash ls" : ""));
  }
  Result<UniqueFd> file = OpenExisting(relative, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (file && (::fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode))) {
    return Status::FailedPrecondition("\"" + relative + "\" was replaced while it was being opened; try again");
  }
  return file;
}

Result<std::string> WorkingDirectory::PathOf(int fd) const {
  std::string relative;
  if (!StripPrefix(DescriptorPath(fd), DescriptorPath(fd_.get()), &relative)) {
    return Status::FailedPrecondition("the file was moved out of the working directory meanwhile");
  }
  return relative;
}

}  // namespace tutti::workspace
