#include "host/sandbox/visible_paths.h"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

namespace tutti::host {
namespace {

using Access = VisiblePath::Access;

constexpr std::array kSystem = {
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/alternatives",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
};

constexpr std::array kNetwork = {
    "/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf", "/etc/services",
    "/etc/protocols",   "/etc/gai.conf", "/etc/host.conf",
};

constexpr std::array kDevices = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

// Not the whole of /proc/self: `exe` leads to the server's program through a mount that is not read-only.
constexpr std::array kProcess = {"/proc/cpuinfo",   "/proc/meminfo",    "/proc/self/fd",    "/proc/self/maps",
                                 "/proc/self/stat", "/proc/self/statm", "/proc/self/status"};

constexpr std::array kKernel = {"/proc", "/sys", "/dev"};

std::filesystem::path Normal(const std::filesystem::path& path) {
  const std::filesystem::path normal = path.lexically_normal();
  return normal.has_filename() || normal == normal.root_path() ? normal : normal.parent_path();
}

bool IsBelow(const std::filesystem::path& path, const std::filesystem::path& directory) {
  return std::mismatch(directory.begin(), directory.end(), path.begin(), path.end()).first == directory.end();
}

Status CheckAbsolute(const char* what, const std::filesystem::path& path) {
  if (path.is_absolute()) {
    return {};
  }
  return Status::InvalidArgument(std::string("expected an absolute path as ") + what + ", found \"" + path.string() +
                                 "\"");
}

Status CheckGrant(const char* what, const std::filesystem::path& path) {
  if (Status status = CheckAbsolute(what, path); !status.ok()) {
    return status;
  }
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(path, error);
  for (const std::filesystem::path& candidate : {Normal(path), error ? Normal(path) : resolved}) {
    const bool is_kernel = std::any_of(kKernel.begin(), kKernel.end(),
                                       [&candidate](const char* kernel) { return IsBelow(candidate, kernel); });
    if (candidate == candidate.root_path() || is_kernel) {
      return Status::InvalidArgument(std::string("expected ") + what +
                                     " below the root and outside of /proc, /sys and " + "/dev, found \"" +
                                     path.string() + "\"; grant the directories that are needed");
    }
  }
  return {};
}

// The one exception for reading: what starts programs may have to find their descendants. The kernel keeps memory,
// environments and descriptors of processes in other user namespaces or Landlock domains to itself there.
bool IsProc(const std::filesystem::path& path) {
  return Normal(path) == "/proc";
}

class PathList {
 public:
  void Add(const std::filesystem::path& path, Access access, bool is_granted = false) {
    const auto [place, is_new] = paths_.try_emplace(Normal(path), VisiblePath{Normal(path), access, is_granted});
    if (!is_new) {
      place->second.is_granted |= is_granted;
      if (access == Access::kWrite) {
        place->second.access = access;
      }
    }
  }

  [[nodiscard]] std::vector<VisiblePath> Take() const {
    std::vector<VisiblePath> list;
    for (const auto& [path, visible] : paths_) {
      list.push_back(visible);
    }
    return list;
  }

 private:
  std::map<std::filesystem::path, VisiblePath> paths_;
};

}  // namespace

Status CheckPaths(const SandboxPlan& plan) {
  if (Status status = CheckAbsolute("the library", plan.library); !status.ok()) {
    return status;
  }
  if (!plan.scratch.empty()) {
    if (Status status = CheckGrant("the scratch directory", plan.scratch); !status.ok()) {
      return status;
    }
    std::error_code error;
    if (!std::filesystem::is_directory(plan.scratch, error)) {
      return Status::InvalidArgument("expected the scratch directory \"" + plan.scratch.string() +
                                     "\" to exist; create it before the plugin's process starts");
    }
  }
  for (const std::filesystem::path& path : plan.grants.read_paths) {
    if (IsProc(path)) {
      continue;
    }
    if (Status status = CheckGrant("a path granted for reading", path); !status.ok()) {
      return status;
    }
  }
  for (const std::filesystem::path& path : plan.grants.write_paths) {
    if (Status status = CheckGrant("a path granted for writing", path); !status.ok()) {
      return status;
    }
  }
  return {};
}

std::vector<VisiblePath> VisiblePaths(const SandboxPlan& plan) {
  PathList list;
  for (const char* path : kSystem) {
    list.Add(path, Access::kRead);
  }
  for (const char* path : kDevices) {
    list.Add(path, Access::kDevice);
  }
  const std::vector<std::filesystem::path>& reads = plan.grants.read_paths;
  if (std::none_of(reads.begin(), reads.end(), IsProc)) {
    for (const char* path : kProcess) {
      list.Add(path, Access::kProcess);
    }
  }
  if (plan.grants.net) {
    for (const char* path : kNetwork) {
      list.Add(path, Access::kRead);
    }
  }
  if (const std::filesystem::path folder = Normal(plan.library).parent_path(); folder != folder.root_path()) {
    list.Add(folder, Access::kRead);
  }
  for (const std::filesystem::path& path : reads) {
    list.Add(path, Access::kRead, true);
  }
  for (const std::filesystem::path& path : plan.grants.write_paths) {
    list.Add(path, Access::kWrite, true);
  }
  if (!plan.scratch.empty()) {
    list.Add(plan.scratch, Access::kWrite, true);
  }
  // Also by itself: should its folder be writable, the library still is not.
  list.Add(plan.library, Access::kRead);
  return list.Take();
}

}  // namespace tutti::host
