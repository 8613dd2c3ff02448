#include "host/sandbox/private_root.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "host/sandbox/visible_paths.h"

namespace tutti::host {
namespace {

using Access = VisiblePath::Access;

Status Failed(const std::string& what) {
  return Status::FailedPrecondition("expected the kernel to " + what + ", found: " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}

  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }

  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }

  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

// A detached copy of one path of the old root, waiting for its place in the new one.
struct Tree {
  std::filesystem::path path;
  Descriptor mount;
  bool is_directory;
};

struct Link {
  std::filesystem::path path;
  std::filesystem::path target;
};

struct Contents {
  std::vector<Tree> trees;
  std::vector<Link> links;
};

std::uint64_t Attributes(Access access) {
  switch (access) {
    case Access::kRead:
      return MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    case Access::kWrite:
      return MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    case Access::kDevice:
      return MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
    case Access::kProcess:
      return MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  }
  return MOUNT_ATTR_RDONLY;
}

// On Debian /bin and its like are links into /usr, and so is /etc/localtime: a link says the same with less.
bool IsLinkIntoUsr(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) {
    return false;
  }
  return std::filesystem::canonical(path, error).string().starts_with("/usr/") && !error;
}

Status Collect(const SandboxPlan& plan, Contents& contents, std::vector<std::string>& notes) {
  for (const VisiblePath& visible : VisiblePaths(plan)) {
    if (!visible.is_granted && IsLinkIntoUsr(visible.path)) {
      contents.links.push_back({visible.path, std::filesystem::read_symlink(visible.path)});
      continue;
    }
    Descriptor tree(::open_tree(AT_FDCWD, visible.path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
    if (tree.get() < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) {
      if (visible.is_granted) {
        notes.push_back("\"" + visible.path.string() + "\" is granted and not there: " + std::strerror(errno) +
                        ". Create it and reload the plugin.");
      }
      continue;
    }
    if (tree.get() < 0) {
      return Failed("copy the mount of \"" + visible.path.string() + "\"");
    }
    mount_attr attributes{};
    attributes.attr_set = Attributes(visible.access);
    if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0) {
      return Failed("restrict the mount of \"" + visible.path.string() + "\"");
    }

    struct stat status {};

    if (::fstat(tree.get(), &status) != 0) {
      return Failed("look at \"" + visible.path.string() + "\"");
    }
    contents.trees.push_back({visible.path, std::move(tree), S_ISDIR(status.st_mode)});
  }
  return {};
}

Status MountTemporary(const char* place, const std::string& options) {
  if (::mount("tutti", place, "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    return Failed(std::string("mount a tmpfs at ") + place);
  }
  return {};
}

// The copied trees are detached from the old root and outlive it.
Status SwapRoot() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Failed("make the mounts private");
  }
  const char* const place = ::access("/tmp", X_OK) == 0 ? "/tmp" : "/usr";
  if (Status status = MountTemporary(place, "mode=755,size=4m"); !status.ok()) {
    return status;
  }
  // Both names the same: the old root ends up on top of the new one and is taken off again.
  if (::chdir(place) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 || ::umount2(".", MNT_DETACH) != 0 ||
      ::chdir("/") != 0) {
    return Failed("change the root");
  }
  return {};
}

Status MakeDirectories(const std::filesystem::path& directory) {
  std::filesystem::path made;
  for (const std::filesystem::path& part : directory) {
    made /= part;
    if (::mkdir(made.c_str(), 0755) != 0 && errno != EEXIST && errno != EROFS) {
      return Failed("make \"" + made.string() + "\" in the new root");
    }
  }
  return {};
}

Status WriteFile(const std::filesystem::path& path, const std::string& text) {
  if (Status status = MakeDirectories(path.parent_path()); !status.ok()) {
    return status;
  }
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  // There already, below a directory that was put in place as a whole.
  if (file.get() < 0 && ::access(path.c_str(), F_OK) == 0) {
    return {};
  }
  if (file.get() < 0 || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return Failed("write \"" + path.string() + "\" in the new root");
  }
  return {};
}

Status MakeLinks(const std::vector<Link>& links) {
  for (const Link& link : links) {
    if (Status status = MakeDirectories(link.path.parent_path()); !status.ok()) {
      return status;
    }
    if (::symlink(link.target.c_str(), link.path.c_str()) != 0) {
      return Failed("make the link \"" + link.path.string() + "\" in the new root");
    }
  }
  return {};
}

// Enough for getpwuid; the real files name the people who have accounts.
Status WriteAccounts() {
  const std::string user = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  if (Status status = WriteFile("/etc/passwd", "tutti:x:" + user + ":" + group + "::/tmp:/usr/sbin/nologin\n");
      !status.ok()) {
    return status;
  }
  return WriteFile("/etc/group", "tutti:x:" + group + ":\n");
}

Status Attach(const Tree& tree) {
  Status made = tree.is_directory ? MakeDirectories(tree.path) : WriteFile(tree.path, "");
  if (!made.ok()) {
    return made;
  }
  if (::move_mount(tree.mount.get(), "", AT_FDCWD, tree.path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return Failed("mount \"" + tree.path.string() + "\" in the new root");
  }
  return {};
}

}  // namespace

Status EnterPrivateRoot(const SandboxPlan& plan, std::vector<std::string>& notes) {
  Contents contents;
  if (Status status = Collect(plan, contents, notes); !status.ok()) {
    return status;
  }
  if (Status status = SwapRoot(); !status.ok()) {
    return status;
  }
  contents.links.insert(contents.links.end(), {{"/dev/fd", "/proc/self/fd"}, {"/dev/shm", "/tmp"}});
  if (Status status = MakeLinks(contents.links); !status.ok()) {
    return status;
  }
  if (Status status = WriteAccounts(); !status.ok()) {
    return status;
  }
  if (Status status = MakeDirectories("/tmp"); !status.ok()) {
    return status;
  }
  // What is in /tmp is memory, so it has the bound of memory.
  if (Status status = MountTemporary("/tmp", "mode=1777,size=" + std::to_string(plan.limits.memory_mb) + "m");
      !status.ok()) {
    return status;
  }
  for (const Tree& tree : contents.trees) {
    if (Status status = Attach(tree); !status.ok()) {
      return status;
    }
  }
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, "/", 0, &attributes, sizeof attributes) != 0) {
    return Failed("make the new root read-only");
  }
  return {};
}

}  // namespace tutti::host
