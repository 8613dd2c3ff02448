#include "confinement.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace tutti::workspace {
namespace {

// Newer than the headers of Debian 12; the kernel's numbers.
constexpr std::uint64_t kAccessRefer = 1ULL << 13;
constexpr std::uint64_t kAccessTruncate = 1ULL << 14;
constexpr std::uint64_t kScopeSignal = 1ULL << 1;
constexpr int kAbiWithRefer = 2;
constexpr int kAbiWithTruncate = 3;
constexpr int kAbiWithScope = 6;

struct RulesetAttributes {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};

constexpr std::uint64_t kFirstRights = (1ULL << 13) - 1;
constexpr std::uint64_t kReadRights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kFileRights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kAccessTruncate;

Status AddRule(int ruleset, const std::string& path, std::uint64_t rights) {
  const UniqueFd target(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!target) {
    return {};
  }

  struct stat status {};

  if (::fstat(target.get(), &status) != 0) {
    return {};
  }
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(status.st_mode) ? rights : rights & kFileRights;
  rule.parent_fd = target.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return Status::FailedPrecondition("expected the kernel to take a Landlock rule for \"" + path +
                                      "\", found: " + std::strerror(errno));
  }
  return {};
}

}  // namespace

Result<Confinement> Confinement::Build(const Paths& paths) {
  Confinement confinement;
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) {
    return confinement;
  }
  RulesetAttributes attributes{};
  attributes.handled_access_fs =
      kFirstRights | (abi >= kAbiWithRefer ? kAccessRefer : 0) | (abi >= kAbiWithTruncate ? kAccessTruncate : 0);
  attributes.scoped = abi >= kAbiWithScope ? kScopeSignal : 0;
  const std::size_t size = abi >= kAbiWithScope ? sizeof attributes : sizeof attributes.handled_access_fs;
  confinement.ruleset_ = UniqueFd(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!confinement.ruleset_) {
    return Status::FailedPrecondition(std::string("expected the kernel to make a Landlock ruleset, found: ") +
                                      std::strerror(errno));
  }
  ::fcntl(confinement.ruleset_.get(), F_SETFD, FD_CLOEXEC);
  for (const std::string& path : paths.readable) {
    if (const Status status = AddRule(confinement.ruleset_.get(), path, kReadRights); !status.ok()) {
      return status;
    }
  }
  for (const std::string& path : paths.writable) {
    const Status status = AddRule(confinement.ruleset_.get(), path, attributes.handled_access_fs);
    if (!status.ok()) {
      return status;
    }
  }
  return confinement;
}

}  // namespace tutti::workspace
