#include "host/sandbox/namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "host/sandbox/private_root.h"

namespace tutti::host {
namespace {

constexpr std::string_view kHostName = "tutti-plugin";

Status WriteOnce(const char* path, const std::string& text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  const bool is_written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) {
    ::close(file);
  }
  if (is_written) {
    return {};
  }
  return Status::FailedPrecondition(std::string("expected the kernel to take \"") + text + "\" for " + path +
                                    ", found: " + std::strerror(error));
}

std::string SameNumber(unsigned id) {
  return std::to_string(id) + " " + std::to_string(id) + " 1";
}

}  // namespace

Status EnterNamespaces(const SandboxPlan& plan, std::vector<std::string>& notes) {
  const std::string user = SameNumber(::geteuid());
  const std::string group = SameNumber(::getegid());
  // The maps belong to root in a process that is not dumpable.
  ::prctl(PR_SET_DUMPABLE, 1);
  int kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
  if (!plan.grants.net) {
    kinds |= CLONE_NEWNET;
  }
  if (::unshare(kinds) != 0) {
    return Status::FailedPrecondition(std::string("expected unshare to give namespaces, found: ") +
                                      std::strerror(errno));
  }
  if (Status status = WriteOnce("/proc/self/setgroups", "deny"); !status.ok()) {
    return status;
  }
  if (Status status = WriteOnce("/proc/self/uid_map", user); !status.ok()) {
    return status;
  }
  if (Status status = WriteOnce("/proc/self/gid_map", group); !status.ok()) {
    return status;
  }
  if (::sethostname(kHostName.data(), kHostName.size()) != 0) {
    return Status::FailedPrecondition(std::string("expected the kernel to name the UTS namespace, found: ") +
                                      std::strerror(errno));
  }
  return EnterPrivateRoot(plan, notes);
}

}  // namespace tutti::host
