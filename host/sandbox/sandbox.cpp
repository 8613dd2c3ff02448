#include "host/sandbox/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace tutti::host {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSanitizer = true;
#else
constexpr bool kHasSanitizer = false;
#endif

bool Limit(int resource, rlim_t most) {
  const rlimit limit{most, most};
  return ::setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0;
}

}  // namespace

Result<SandboxReport> EnterSandbox(const SandboxPlan& plan) {
  SandboxReport report;
  report.notes.emplace_back("system calls are not filtered and there are no namespaces of its own");
  const bool is_limited = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && Limit(RLIMIT_CORE, 0) &&
                          Limit(RLIMIT_NOFILE, plan.limits.files) &&
                          (kHasSanitizer || Limit(RLIMIT_DATA, plan.limits.memory_mb << 20U));
  if (!is_limited) {
    return Status::FailedPrecondition("the limits of the plugin's process could not be set: " +
                                      std::generic_category().message(errno));
  }
  return report;
}

}  // namespace tutti::host
