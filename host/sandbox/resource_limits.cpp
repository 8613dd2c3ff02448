#include "host/sandbox/resource_limits.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "host/sandbox/sanitizer.h"

namespace tutti::host {
namespace {

constexpr rlim_t kMebibyte = rlim_t{1024} * 1024;
// Stacks count as memory in full from their start on; with the usual 8 MiB, 64 threads would be all a plugin gets.
constexpr std::size_t kThreadStack = 2 * kMebibyte;

Status Limit(__rlimit_resource resource, const char* name, rlim_t value) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) == 0) {
    limit.rlim_max = std::min(limit.rlim_max, value);
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(resource, &limit) == 0) {
      return {};
    }
  }
  return Status::Internal(std::string("expected the kernel to take the limit ") + name + " of " +
                          std::to_string(value) + ", found: " + std::strerror(errno));
}

rlim_t Mebibytes(std::uint64_t count) {
  return std::min<rlim_t>(count, RLIM_INFINITY / kMebibyte - 1) * kMebibyte;
}

void SmallerThreadStacks() {
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) != 0) {
    return;
  }
  std::size_t size = 0;
  if (::pthread_attr_getstacksize(&attributes, &size) == 0 && size > kThreadStack &&
      ::pthread_attr_setstacksize(&attributes, kThreadStack) == 0) {
    ::pthread_setattr_default_np(&attributes);
  }
  ::pthread_attr_destroy(&attributes);
}

// The kernel excepts the system's root, which this process may be under another number, or another user under that one.
bool ProcessesCanBeLimited() {
  rlimit before{};
  if (::getrlimit(RLIMIT_NPROC, &before) != 0) {
    return false;
  }
  const rlimit none{0, before.rlim_max};
  if (::setrlimit(RLIMIT_NPROC, &none) != 0) {
    return false;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(0);
  }
  const bool is_held = child < 0;
  while (child > 0 && ::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return ::setrlimit(RLIMIT_NPROC, &before) == 0 && is_held;
}

}  // namespace

Status ApplyLimits(const ProcessLimits& limits, bool own_user_namespace, std::vector<std::string>& notes) {
  struct Entry {
    __rlimit_resource resource;
    const char* name;
    rlim_t value;
  };

  std::vector<Entry> entries = {
      {RLIMIT_CORE, "RLIMIT_CORE", 0},
      {RLIMIT_NOFILE, "RLIMIT_NOFILE", limits.files},
      {RLIMIT_FSIZE, "RLIMIT_FSIZE", Mebibytes(limits.file_mb)},
      {RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE", 0},
      {RLIMIT_RTPRIO, "RLIMIT_RTPRIO", 0},
  };
  if (HasSanitizer()) {
    notes.emplace_back("Memory is not limited: this build has a sanitizer, which reserves more than any limit allows.");
  } else {
    // Not RLIMIT_AS: allocators and runtimes reserve address space they never use.
    entries.push_back({RLIMIT_DATA, "RLIMIT_DATA", Mebibytes(limits.memory_mb)});
  }
  if (!own_user_namespace) {
    notes.emplace_back(
        "Processes and threads are not limited: without a user namespace the kernel counts all processes of the user.");
  } else if (!ProcessesCanBeLimited()) {
    notes.emplace_back(
        "Processes and threads are not limited: the kernel does not hold root to that limit. Run the server as another "
        "user.");
  } else {
    entries.push_back({RLIMIT_NPROC, "RLIMIT_NPROC", limits.processes});
  }
  for (const Entry& entry : entries) {
    if (Status status = Limit(entry.resource, entry.name, entry.value); !status.ok()) {
      return status;
    }
  }
  // A write past the limit is to be an error (EFBIG) rather than the end of the process.
  ::signal(SIGXFSZ, SIG_IGN);
  SmallerThreadStacks();
  return {};
}

}  // namespace tutti::host
