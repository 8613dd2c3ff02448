#include "host/sandbox/path_rules.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>
#include <vector>

#include "host/sandbox/visible_paths.h"

namespace tutti::host {
namespace {

// Newer than the headers of Debian 12; the kernel's numbers.
constexpr std::uint64_t kAccessRefer = 1ULL << 13;
constexpr std::uint64_t kAccessTruncate = 1ULL << 14;
constexpr std::uint64_t kScopeAbstractSockets = 1ULL << 0;
constexpr std::uint64_t kScopeSignals = 1ULL << 1;
constexpr long kVersionWithRefer = 2;
constexpr long kVersionWithTruncate = 3;
constexpr long kVersionWithScopes = 6;

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

std::uint64_t Rights(VisiblePath::Access access, std::uint64_t all) {
  switch (access) {
    case VisiblePath::Access::kRead:
    case VisiblePath::Access::kProcess:
      return kReadRights & all;
    case VisiblePath::Access::kDevice:
      return (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kAccessTruncate) & all;
    case VisiblePath::Access::kWrite:
      return all;
  }
  return 0;
}

bool AddRule(int ruleset, const VisiblePath& visible, std::uint64_t all) {
  const int target = ::open(visible.path.c_str(), O_PATH | O_CLOEXEC);
  if (target < 0) {
    return true;  // what is not there needs no rule
  }

  struct stat status {};

  bool is_added = ::fstat(target, &status) == 0;
  if (is_added) {
    landlock_path_beneath_attr rule{};
    rule.allowed_access = Rights(visible.access, all) & (S_ISDIR(status.st_mode) ? all : kFileRights);
    rule.parent_fd = target;
    is_added = ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  }
  ::close(target);
  return is_added;
}

// A private root has its own list of accounts; here getpwuid needs the system's.
const VisiblePath kAccounts[] = {{"/etc/passwd"}, {"/etc/group"}};

bool Restrict(int ruleset, const SandboxPlan& plan, std::uint64_t handled) {
  if (handled != 0) {
    // Programs cannot be started where this right is missing; libraries can be opened.
    const std::uint64_t rights = plan.grants.exec ? handled : handled & ~LANDLOCK_ACCESS_FS_EXECUTE;
    std::vector<VisiblePath> paths = VisiblePaths(plan);
    paths.insert(paths.end(), std::begin(kAccounts), std::end(kAccounts));
    for (const VisiblePath& visible : paths) {
      if (!AddRule(ruleset, visible, rights)) {
        return false;
      }
    }
  }
  return ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
}

}  // namespace

PathRules ApplyPathRules(const SandboxPlan& plan, bool with_paths) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  const bool has_scopes = version >= kVersionWithScopes;
  if (version < 1 || (!with_paths && !has_scopes)) {
    return {};
  }
  RulesetAttributes attributes{};
  if (with_paths) {
    attributes.handled_access_fs = kFirstRights | (version >= kVersionWithRefer ? kAccessRefer : 0) |
                                   (version >= kVersionWithTruncate ? kAccessTruncate : 0);
  }
  attributes.scoped = has_scopes ? kScopeSignals | kScopeAbstractSockets : 0;
  const std::size_t size = has_scopes ? sizeof attributes : sizeof attributes.handled_access_fs;
  const int ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
  if (ruleset < 0) {
    return {};
  }
  const bool is_in_force = Restrict(ruleset, plan, attributes.handled_access_fs);
  ::close(ruleset);
  return {is_in_force && with_paths, is_in_force && has_scopes};
}

}  // namespace tutti::host
