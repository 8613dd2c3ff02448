#include "host/isolation/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace tutti::host {

namespace {

void CloseOne(int& descriptor) {
  if (descriptor >= 0) {
    ::close(descriptor);
    descriptor = -1;
  }
}

std::string Because(int error) {
  return std::generic_category().message(error);
}

// What a program needs to run, and nothing that might be a secret.
std::vector<std::string> CleanEnvironment() {
  std::vector<std::string> clean;
  for (const char* name : {"PATH", "HOME", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "ASAN_OPTIONS", "LSAN_OPTIONS",
                           "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name); value != nullptr) {
      clean.push_back(std::string(name) + "=" + value);
    }
  }
  return clean;
}

// Owned lists of the three things posix_spawn is told.
struct SpawnPlan {
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }

  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::Start(const std::filesystem::path& program) {
  std::unique_ptr<WorkerProcess> process(new WorkerProcess);
  int sockets[2] = {-1, -1};
  int output[2] = {-1, -1};
  int error[2] = {-1, -1};
  const bool has_ends = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0 &&
                        ::pipe2(output, O_CLOEXEC) == 0 && ::pipe2(error, O_CLOEXEC) == 0;
  int failed = has_ends ? 0 : errno;
  process->socket_ = sockets[0];
  process->output_ = output[0];
  process->error_ = error[0];
  if (has_ends) {
    ::fcntl(process->output_, F_SETFL, O_NONBLOCK);
    ::fcntl(process->error_, F_SETFL, O_NONBLOCK);
    SpawnPlan plan;
    // The ends may have the numbers they are to be put on; copies above them are out of the way.
    const int socket_copy = ::fcntl(sockets[1], F_DUPFD_CLOEXEC, 10);
    ::posix_spawn_file_actions_addopen(&plan.actions, 0, "/dev/null", O_RDONLY, 0);
    int output_copy = ::fcntl(output[1], F_DUPFD_CLOEXEC, 10);
    int error_copy = ::fcntl(error[1], F_DUPFD_CLOEXEC, 10);
    ::posix_spawn_file_actions_adddup2(&plan.actions, output_copy, 1);
    ::posix_spawn_file_actions_adddup2(&plan.actions, error_copy, 2);
    ::posix_spawn_file_actions_adddup2(&plan.actions, socket_copy, kSocket);
    ::posix_spawn_file_actions_addclosefrom_np(&plan.actions, kSocket + 1);
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigfillset(&usual);
    ::posix_spawnattr_setsigmask(&plan.attributes, &none);
    ::posix_spawnattr_setsigdefault(&plan.attributes, &usual);
    ::posix_spawnattr_setpgroup(&plan.attributes, 0);
    ::posix_spawnattr_setflags(&plan.attributes,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    std::string name = program.string();
    std::string subcommand = "plugin-worker";
    char* arguments[] = {name.data(), subcommand.data(), nullptr};
    std::vector<std::string> environment = CleanEnvironment();
    std::vector<char*> pointers;
    for (std::string& entry : environment) {
      pointers.push_back(entry.data());
    }
    pointers.push_back(nullptr);
    failed = ::posix_spawn(&process->pid_, name.c_str(), &plan.actions, &plan.attributes, arguments, pointers.data());
    ::close(socket_copy);
    CloseOne(output_copy);
    CloseOne(error_copy);
  }
  CloseOne(sockets[1]);
  CloseOne(output[1]);
  CloseOne(error[1]);
  if (failed != 0) {
    process->pid_ = -1;
    return Status::Unavailable("no process for the plugin could be started from " + program.string() + ": " +
                               Because(failed));
  }
  // By number: the header of glibc 2.36 declares pidfd_open for C only.
  process->ended_ = static_cast<int>(::syscall(SYS_pidfd_open, process->pid_, 0));
  return process;
}

WorkerProcess::~WorkerProcess() {
  if (pid_ > 0 && !is_reaped_) {  // the last user
    (void)Reap(std::chrono::milliseconds(0));
  }
  for (int* descriptor : {&socket_, &output_, &error_, &ended_}) {
    CloseOne(*descriptor);
  }
}

void WorkerProcess::Kill() const {
  const std::lock_guard lock(mutex_);
  if (!is_reaped_) {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
  }
}

std::string WorkerProcess::Reap(std::chrono::milliseconds patience) {
  if (ended_ >= 0 && patience.count() > 0) {
    pollfd end{ended_, POLLIN, 0};
    (void)::poll(&end, 1, static_cast<int>(patience.count()));
  }
  // Also when it has ended: what it started may still run. The number is its own until it is reaped.
  Kill();
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  {
    const std::lock_guard lock(mutex_);
    (void)::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
    is_reaped_ = true;
  }
  if (info.si_code == CLD_EXITED) {
    return "exit code " + std::to_string(info.si_status);
  }
  const char* name = ::sigabbrev_np(info.si_status);
  return name != nullptr ? std::string("signal SIG") + name : "signal " + std::to_string(info.si_status);
}

std::uint64_t WorkerProcess::resident_bytes() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  in >> total >> resident;
  return in ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace tutti::host
