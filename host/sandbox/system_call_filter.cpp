#include "host/sandbox/system_call_filter.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>

#include "host/sandbox/system_calls.h"

namespace tutti::host {
namespace {

constexpr std::uint64_t kInt = 0xffffffff;  // the kernel reads no more of an int
constexpr std::uint64_t kNewNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr std::uint64_t kSocketType = 0xf;  // above it SOCK_CLOEXEC and SOCK_NONBLOCK
constexpr int kTreeFilter = 2;              // libseccomp: a search tree instead of a list

// Not F_SETOWN and F_SETSIG, which send signals to others.
constexpr std::array kFcntlCommands = {
    F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,       F_SETFL,      F_GETLK,
    F_SETLK,     F_SETLKW,        F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,  F_GETPIPE_SZ, F_SETPIPE_SZ,
    F_ADD_SEALS, F_GET_SEALS,     F_GETOWN,    F_GETSIG,    F_GET_RW_HINT,
};

// Not TIOCSTI, which types into the terminal the server was started from.
constexpr std::array<unsigned long, 6> kIoctls = {FIONBIO, FIONREAD, FIOCLEX, FIONCLEX, TCGETS, TIOCGWINSZ};
constexpr std::array<unsigned long, 4> kExecIoctls = {TIOCGPGRP, TIOCSPGRP, TCSETS, TCSETSW};
constexpr std::array<unsigned long, 9> kNetIoctls = {SIOCGIFNAME, SIOCGIFCONF,    SIOCGIFFLAGS,
                                                     SIOCGIFADDR, SIOCGIFNETMASK, SIOCGIFBRDADDR,
                                                     SIOCGIFMTU,  SIOCGIFHWADDR,  SIOCGIFINDEX};

constexpr int kSetVma = 0x53564d41;  // PR_SET_VMA, newer than Debian's headers: names for memory

constexpr std::array kPrctls = {
    PR_SET_NAME,     PR_GET_NAME,         PR_GET_DUMPABLE,     PR_GET_PDEATHSIG,  PR_CAPBSET_READ,
    PR_GET_KEEPCAPS, PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,
    PR_GET_SECCOMP,  PR_SET_THP_DISABLE,  PR_GET_THP_DISABLE,  kSetVma,
};

// For children. Not without `exec`: the plugin's own process is to end with the host.
constexpr std::array kExecPrctls = {PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER, PR_CAP_AMBIENT,
                                    PR_CAPBSET_DROP};

scmp_arg_cmp Equals(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, kInt, value & kInt};
}

scmp_arg_cmp HasBits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

// Collects the first error, so that the rules read as a list.
class Rules {
 public:
  Rules() : context_(::seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
    if (context_ == nullptr) {
      error_ = ENOMEM;
    }
  }

  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  ~Rules() { ::seccomp_release(context_); }

  void Allow(const char* name, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    const int call = ::seccomp_syscall_resolve_name(name);
    if (call != __NR_SCMP_ERROR) {
      Add(SCMP_ACT_ALLOW, call, conditions);
    }
  }

  void Allow(std::span<const char* const> names) {
    for (const char* name : names) {
      Allow(name);
    }
  }

  void AnswerUnknown(int call) { Add(SCMP_ACT_ERRNO(ENOSYS), call, {}); }

  Status Load() {
    Set(SCMP_FLTATR_CTL_TSYNC, 1);
    Set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    Set(SCMP_FLTATR_CTL_OPTIMIZE, kTreeFilter);
    if (error_ == 0) {
      error_ = -::seccomp_load(context_);
    }
    if (error_ == 0) {
      return {};
    }
    return Status::FailedPrecondition(std::string("expected the kernel to take a filter of system calls, found: ") +
                                      std::strerror(error_));
  }

 private:
  void Add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> conditions) {
    if (error_ == 0) {
      error_ = -::seccomp_rule_add_array(context_, action, call, static_cast<unsigned>(conditions.size()),
                                         conditions.begin());
    }
  }

  void Set(scmp_filter_attr attribute, std::uint32_t value) {
    if (error_ == 0) {
      error_ = -::seccomp_attr_set(context_, attribute, value);
    }
  }

  scmp_filter_ctx context_;
  int error_ = 0;
};

void AllowPlainCalls(Rules& rules) {
  rules.Allow(kMemoryCalls);
  rules.Allow(kThreadCalls);
  rules.Allow(kSignalCalls);
  rules.Allow(kClockCalls);
  rules.Allow(kFileCalls);
  rules.Allow(kWaitCalls);
  rules.Allow(kConnectedSocketCalls);
  rules.Allow(kSelfCalls);
  for (const int call : kUnknownCalls) {
    rules.AnswerUnknown(call);
  }
}

void AllowDescriptorCommands(Rules& rules, const PluginGrants& grants) {
  for (const int command : kFcntlCommands) {
    rules.Allow("fcntl", {Equals(1, static_cast<unsigned>(command))});
    rules.Allow("fcntl64", {Equals(1, static_cast<unsigned>(command))});
  }
  for (const unsigned long request : kIoctls) {
    rules.Allow("ioctl", {Equals(1, request)});
  }
  if (grants.exec) {
    for (const unsigned long request : kExecIoctls) {
      rules.Allow("ioctl", {Equals(1, request)});
    }
  }
  if (grants.net) {
    for (const unsigned long request : kNetIoctls) {
      rules.Allow("ioctl", {Equals(1, request)});
    }
  }
}

void AllowProcessCommands(Rules& rules, const PluginGrants& grants) {
  for (const int option : kPrctls) {
    rules.Allow("prctl", {Equals(0, static_cast<unsigned>(option))});
  }
  // Only of the caller itself: the same calls reach other processes of this user.
  const std::uint64_t own = static_cast<unsigned>(::getpid());
  for (const std::uint64_t self : {std::uint64_t{0}, own}) {
    rules.Allow("prlimit64", {Equals(0, self)});
    rules.Allow("sched_setaffinity", {Equals(0, self)});
    rules.Allow("sched_setattr", {Equals(0, self)});
    rules.Allow("sched_setparam", {Equals(0, self)});
    rules.Allow("sched_setscheduler", {Equals(0, self)});
    rules.Allow("setpriority", {Equals(0, PRIO_PROCESS), Equals(1, self)});
  }
  if (grants.exec) {
    for (const int option : kExecPrctls) {
      rules.Allow("prctl", {Equals(0, static_cast<unsigned>(option))});
    }
    return;
  }
  for (const char* call : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"}) {
    rules.Allow(call, {Equals(0, own)});
  }
}

// A set-user-ID file would outlive the confinement. A file made with that bit is empty, and writing to it clears the
// bit.
void AllowModes(Rules& rules) {
  constexpr std::uint64_t kSetIds = S_ISUID | S_ISGID;
  rules.Allow("chmod", {HasBits(1, kSetIds, 0)});
  rules.Allow("fchmod", {HasBits(1, kSetIds, 0)});
  rules.Allow("fchmodat", {HasBits(2, kSetIds, 0)});
}

void AllowSockets(Rules& rules, const PluginGrants& grants) {
  // Not SOCK_DGRAM: such a pair can still send to any address.
  for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
    rules.Allow("socketpair", {Equals(0, AF_UNIX), HasBits(1, kSocketType, static_cast<unsigned>(type))});
  }
  if (!grants.net) {
    return;
  }
  rules.Allow(kNetCalls);
  for (const int domain : {AF_UNIX, AF_INET, AF_INET6}) {
    rules.Allow("socket", {Equals(0, static_cast<unsigned>(domain))});
  }
  rules.Allow("socket", {Equals(0, AF_NETLINK), Equals(2, NETLINK_ROUTE)});  // getaddrinfo asks for own addresses
}

void AllowChildren(Rules& rules, const PluginGrants& grants) {
  if (grants.exec) {
    rules.Allow(kExecCalls);
    rules.Allow("clone", {HasBits(0, kNewNamespaces, 0)});
  } else {
    rules.Allow("clone", {HasBits(0, kNewNamespaces | CLONE_THREAD, CLONE_THREAD)});
  }
}

}  // namespace

Status LoadSystemCallFilter(const PluginGrants& grants) {
  Rules rules;
  AllowPlainCalls(rules);
  AllowDescriptorCommands(rules, grants);
  AllowProcessCommands(rules, grants);
  AllowModes(rules);
  AllowSockets(rules, grants);
  AllowChildren(rules, grants);
  return rules.Load();
}

}  // namespace tutti::host
