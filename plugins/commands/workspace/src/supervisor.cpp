#include "supervisor.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

#include "descendants.h"

namespace tutti::workspace {
namespace {

constexpr int kCountIntervalMs = 200;
constexpr int kKillRoundMs = 20;
constexpr std::int64_t kKillPatienceMs = 10'000;
constexpr int kFreezeRounds = 10;

// In the image of the forked supervisor only; the server never writes it.
pid_t descendants[16 * 1024];

[[noreturn]] void Leave(int code) noexcept {
  for (;;) {
    ::syscall(SYS_exit_group, code);
  }
}

void Report(int control, SupervisorEvent event, std::int32_t value, std::int32_t detail, std::int32_t left = 0) {
  const SupervisorReport report{event, value, detail, left};
  while (::send(control, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

std::int64_t NowMs() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

// Closes every descriptor but the plan's, the server's sockets and files first of all.
void KeepOnly(const SupervisorPlan& plan) {
  int keep[] = {plan.control, plan.input, plan.output, plan.directory, plan.ruleset};
  std::sort(std::begin(keep), std::end(keep));
  unsigned next = 0;
  for (const int fd : keep) {
    if (fd < 0) {
      continue;
    }
    if (static_cast<unsigned>(fd) > next) {
      ::syscall(SYS_close_range, next, static_cast<unsigned>(fd) - 1, 0);
    }
    next = static_cast<unsigned>(fd) + 1;
  }
  ::syscall(SYS_close_range, next, ~0U, 0);
}

[[noreturn]] void FailStart(const SupervisorPlan& plan, SupervisorStep step) noexcept {
  Report(plan.control, SupervisorEvent::kStartFailed, errno, static_cast<std::int32_t>(step));
  Leave(127);
}

void Limit(const SupervisorPlan& plan, __rlimit_resource resource, std::uint64_t value) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) {
    FailStart(plan, SupervisorStep::kLimits);
  }
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(resource, &limit) != 0) {
    FailStart(plan, SupervisorStep::kLimits);
  }
}

// A root server's commands keep what package and build tools need, and lose what reaches other processes, the kernel or
// devices; newer kernels let some of those capabilities look past Landlock into the server's memory.
void DropCapabilities() {
  constexpr std::uint64_t kKept = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_FOWNER |
                                  1ULL << CAP_FSETID | 1ULL << CAP_KILL | 1ULL << CAP_SETGID | 1ULL << CAP_SETUID |
                                  1ULL << CAP_NET_BIND_SERVICE;
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // Fails without CAP_SETPCAP, that is when there is nothing to drop. The exec that follows keeps to the bounding set.
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if ((kKept >> capability & 1U) == 0) {
      ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  }
}

[[noreturn]] void BecomeProgram(const SupervisorPlan& plan) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setsid();
  // Above the standard three first: one of the plan's may be among them.
  const int input = ::fcntl(plan.input, F_DUPFD_CLOEXEC, 3);
  const int output = ::fcntl(plan.output, F_DUPFD_CLOEXEC, 3);
  const int directory = ::fcntl(plan.directory, F_DUPFD_CLOEXEC, 3);
  const int ruleset = plan.ruleset < 0 ? -1 : ::fcntl(plan.ruleset, F_DUPFD_CLOEXEC, 3);
  SupervisorPlan moved = plan;
  moved.control = ::fcntl(plan.control, F_DUPFD_CLOEXEC, 3);
  if (input < 0 || output < 0 || directory < 0 || moved.control < 0 || ::dup2(input, STDIN_FILENO) < 0 ||
      ::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0 ||
      ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    FailStart(moved, SupervisorStep::kDescriptors);
  }
  if (::fchdir(directory) != 0) {
    FailStart(moved, SupervisorStep::kDirectory);
  }
  Limit(moved, RLIMIT_CORE, 0);
  if (plan.file_bytes > 0) {
    Limit(moved, RLIMIT_FSIZE, plan.file_bytes);
  }
  if (plan.user_processes > 0) {
    Limit(moved, RLIMIT_NPROC, plan.user_processes);
  }
  DropCapabilities();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      (ruleset >= 0 && ::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)) {
    FailStart(moved, SupervisorStep::kConfine);
  }

  struct sigaction standard {};

  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    ::sigaction(signal, &standard, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.program, plan.arguments, plan.environment);
  FailStart(moved, SupervisorStep::kExecute);
}

class Supervisor {
 public:
  Supervisor(int control, int signals, pid_t program) : control_(control), signals_(signals), program_(program) {}

  [[noreturn]] void Run(std::uint32_t max_processes) noexcept {
    SupervisorEvent event = SupervisorEvent::kEnded;
    int seen = 0;
    pollfd events[] = {{control_, POLLIN, 0}, {signals_, POLLIN, 0}};
    while (!program_ended_) {
      const int ready = ::poll(events, 2, max_processes > 0 ? kCountIntervalMs : -1);
      if (events[0].revents != 0) {
        break;
      }
      Reap();
      if (max_processes > 0 && ready >= 0) {
        seen = CollectDescendants(::getpid(), descendants, std::size(descendants));
        if (seen > static_cast<int>(max_processes)) {
          event = SupervisorEvent::kTooManyProcesses;
          break;
        }
      }
    }
    const bool ended_alone = program_ended_;
    const int left = EndAll();
    const int ended = std::max(0, first_found_ - (ended_alone ? 0 : 1));
    Report(control_, event, event == SupervisorEvent::kEnded ? status_ : seen, ended, left);
    Leave(0);
  }

 private:
  // False when no child is left.
  bool Reap() {
    signalfd_siginfo information;
    while (::read(signals_, &information, sizeof information) > 0) {
    }
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, WNOHANG | __WALL);
      if (pid == program_) {
        program_ended_ = true;
        status_ = status;
      }
      if (pid < 0 && errno == ECHILD) {
        return false;
      }
      if (pid <= 0) {
        return true;
      }
    }
  }

  int Signal(int signal) {
    const int count = CollectDescendants(::getpid(), descendants, std::size(descendants));
    for (int i = 0; i < count; ++i) {
      ::kill(descendants[i], signal);
    }
    return count;
  }

  // Stops everything before killing it, so that what forks without end runs dry. Returns how many are left.
  int EndAll() {
    const std::int64_t deadline = NowMs() + kKillPatienceMs;
    if (!program_ended_) {
      ::kill(-program_, SIGKILL);
    }
    first_found_ = Signal(SIGSTOP);
    int found = first_found_;
    for (int round = 0; round < kFreezeRounds; ++round) {
      const int now = Signal(SIGSTOP);
      if (now <= found) {
        break;
      }
      found = now;
    }
    for (;;) {
      const int alive = Signal(SIGKILL);
      if (!Reap()) {
        return 0;
      }
      if (NowMs() >= deadline) {
        return alive;
      }
      pollfd child{signals_, POLLIN, 0};
      ::poll(&child, 1, kKillRoundMs);
    }
  }

  const int control_;
  const int signals_;
  const pid_t program_;
  bool program_ended_ = false;
  int status_ = 0;
  int first_found_ = 0;
};

}  // namespace

const char* StepName(SupervisorStep step) {
  switch (step) {
    case SupervisorStep::kFork:
      return "making a process";
    case SupervisorStep::kDescriptors:
      return "setting up its descriptors";
    case SupervisorStep::kDirectory:
      return "entering the working directory";
    case SupervisorStep::kLimits:
      return "setting its limits";
    case SupervisorStep::kConfine:
      return "confining it";
    case SupervisorStep::kExecute:
      return "executing the program";
  }
  return "starting";
}

void RunSupervisor(const SupervisorPlan& plan) noexcept {
  KeepOnly(plan);
  // A session of its own: an interrupt typed at the server's terminal is the server's to handle.
  ::setsid();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Its memory is a copy of the server's; nobody may look into it through /proc.
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NAME, "tutti-child");
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);

  // Ignored SIGCHLD, inherited, would reap behind our back.
  struct sigaction standard {};

  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &standard, nullptr);
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  const int signals = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) {
    FailStart(plan, SupervisorStep::kDescriptors);
  }
  const pid_t program = ::_Fork();
  if (program < 0) {
    FailStart(plan, SupervisorStep::kFork);
  }
  if (program == 0) {
    BecomeProgram(plan);
  }
  for (const int fd : {plan.input, plan.output, plan.directory, plan.ruleset}) {
    if (fd >= 0) {
      ::close(fd);
    }
  }
  Supervisor(plan.control, signals, program).Run(plan.max_processes);
}

}  // namespace tutti::workspace
