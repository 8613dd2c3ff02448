#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "tests/host/sandbox/confined_fixture.h"

namespace tutti::host::testing {
namespace {

class SandboxDenials : public ConfinedTest {
 protected:
  void SetUp() override {
    ConfinedTest::SetUp();
    if (!IsSkipped()) {
      TUTTI_NEEDS_LEVEL(Confinement::kFiltered);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Filtered, SandboxDenials, kFilteredSituations, SituationName);

TEST_P(SandboxDenials, MakesNoSocketsButConnectedPairs) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    for (const int domain : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG}) {
      for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW}) {
        probe.ExpectError(::socket(domain, type, 0), EPERM, "socket of domain " + std::to_string(domain));
      }
    }
    std::array<int, 2> pair{};
    probe.Expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0, "a stream pair is allowed");
    probe.Expect(::send(pair[0], "x", 1, 0) == 1, "a stream pair carries bytes");
    probe.ExpectError(::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair.data()), EPERM, "a datagram pair");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    probe.ExpectError(::connect(pair[0], reinterpret_cast<sockaddr*>(&address), sizeof address), EPERM, "connect");
    probe.ExpectError(::bind(pair[0], reinterpret_cast<sockaddr*>(&address), sizeof address), EPERM, "bind");
  });
}

TEST_P(SandboxDenials, StartsNoProcessAndNoProgram) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    char program[] = "/bin/true";
    char* arguments[] = {program, nullptr};
    probe.ExpectError(::execve(program, arguments, nullptr), EPERM, "execve");
    probe.ExpectError(::syscall(SYS_execveat, AT_FDCWD, program, arguments, nullptr, 0), EPERM, "execveat");
    probe.ExpectError(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr), EPERM, "clone");
#ifdef SYS_fork
    probe.ExpectError(::syscall(SYS_fork), EPERM, "fork");
#endif
    clone_args unreadable{};
    unreadable.exit_signal = SIGCHLD;
    probe.ExpectError(::syscall(SYS_clone3, &unreadable, sizeof unreadable), ENOSYS, "clone3");
  });
}

TEST_P(SandboxDenials, MakesNoneOfTheCallsThatReachTheKernelOrOthers) {
  struct Call {
    const char* name;
    long number;
  };

  // All arguments zero: the filter answers before the kernel looks at them.
  static constexpr Call kCalls[] = {
      {"ptrace", SYS_ptrace},
      {"process_vm_readv", SYS_process_vm_readv},
      {"process_vm_writev", SYS_process_vm_writev},
      {"pidfd_getfd", SYS_pidfd_getfd},
      {"pidfd_open", SYS_pidfd_open},
      {"kcmp", SYS_kcmp},
      {"mount", SYS_mount},
      {"umount2", SYS_umount2},
      {"open_tree", SYS_open_tree},
      {"move_mount", SYS_move_mount},
      {"fsopen", SYS_fsopen},
      {"mount_setattr", SYS_mount_setattr},
      {"pivot_root", SYS_pivot_root},
      {"chroot", SYS_chroot},
      {"unshare", SYS_unshare},
      {"setns", SYS_setns},
      {"bpf", SYS_bpf},
      {"perf_event_open", SYS_perf_event_open},
      {"userfaultfd", SYS_userfaultfd},
      {"io_uring_setup", SYS_io_uring_setup},
      {"io_uring_enter", SYS_io_uring_enter},
      {"io_uring_register", SYS_io_uring_register},
      {"add_key", SYS_add_key},
      {"request_key", SYS_request_key},
      {"keyctl", SYS_keyctl},
      {"kexec_load", SYS_kexec_load},
      {"init_module", SYS_init_module},
      {"finit_module", SYS_finit_module},
      {"delete_module", SYS_delete_module},
      {"open_by_handle_at", SYS_open_by_handle_at},
      {"fanotify_init", SYS_fanotify_init},
      {"memfd_create", SYS_memfd_create},
      {"shmget", SYS_shmget},
      {"mq_open", SYS_mq_open},
      {"seccomp", SYS_seccomp},
      {"personality", SYS_personality},
      {"reboot", SYS_reboot},
      {"swapon", SYS_swapon},
      {"acct", SYS_acct},
      {"syslog", SYS_syslog},
      {"quotactl", SYS_quotactl},
      {"settimeofday", SYS_settimeofday},
      {"clock_settime", SYS_clock_settime},
      {"sethostname", SYS_sethostname},
      {"setuid", SYS_setuid},
      {"setresuid", SYS_setresuid},
      {"setgroups", SYS_setgroups},
      {"capset", SYS_capset},
      {"setsid", SYS_setsid},
      {"setpgid", SYS_setpgid},
      {"socket", SYS_socket},
      {"vhangup", SYS_vhangup},
      {"tkill", SYS_tkill},
      {"process_madvise", SYS_process_madvise},
  };
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    for (const Call& call : kCalls) {
      probe.ExpectError(::syscall(call.number, 0, 0, 0, 0, 0, 0), EPERM, call.name);
    }
  });
}

TEST_P(SandboxDenials, SignalsNobodyButItself) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    for (const pid_t other : {::getppid(), 1, 0, -1}) {
      probe.ExpectError(::kill(other, 0), EPERM, "kill of " + std::to_string(other));
    }
    probe.ExpectError(::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0), EPERM, "tgkill of the parent");
    probe.Expect(::kill(::getpid(), 0) == 0, "kill of itself is allowed");
    probe.Expect(::syscall(SYS_tgkill, ::getpid(), ::gettid(), 0) == 0, "tgkill of itself is allowed");
    probe.ExpectError(::fcntl(STDERR_FILENO, F_SETOWN, ::getppid()), EPERM, "F_SETOWN");
    rlimit limit{};
    probe.ExpectError(::prlimit(::getppid(), RLIMIT_NOFILE, nullptr, &limit), EPERM, "prlimit of the parent");
    probe.ExpectError(::setpriority(PRIO_PROCESS, static_cast<id_t>(::getppid()), 19), EPERM,
                      "setpriority of the parent");
    probe.ExpectError(::syscall(SYS_setpriority, PRIO_USER, 0, 19), EPERM, "setpriority of the user");
  });
}

TEST_P(SandboxDenials, CannotUndoItsConfinement) {
  const SandboxPlan plan = Plan();
  Run(plan, [](Probe& probe, const SandboxReport&) {
    probe.ExpectError(::prctl(PR_SET_DUMPABLE, 1), EPERM, "PR_SET_DUMPABLE");
    probe.ExpectError(::prctl(PR_SET_PDEATHSIG, 0), EPERM, "PR_SET_PDEATHSIG");
    probe.ExpectError(::prctl(PR_SET_SECCOMP, 0), EPERM, "PR_SET_SECCOMP");
    const rlimit more{1U << 20U, 1U << 20U};
    probe.ExpectError(::setrlimit(RLIMIT_NOFILE, &more), EPERM, "a higher limit of files");
    char key = 'x';
    probe.ExpectError(::ioctl(STDIN_FILENO, TIOCSTI, &key), EPERM, "TIOCSTI");
  });
}

TEST_P(SandboxDenials, LeavesNoSetUserIdFileBehind) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    const int file = ::open("program", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    probe.ExpectError(::fchmod(file, 04755), EPERM, "fchmod with the set-user-ID bit");
    probe.ExpectError(::chmod("program", 04755), EPERM, "chmod with the set-user-ID bit");
    probe.ExpectError(::fchmodat(AT_FDCWD, "program", 02755, 0), EPERM, "fchmodat with the set-group-ID bit");
    probe.Expect(::fchmod(file, 0700) == 0, "other modes are allowed");
    const int made = ::open("made", O_WRONLY | O_CREAT | O_CLOEXEC, 04755);
    struct stat status {};
    probe.Expect(::write(made, "x", 1) == 1 && ::fstat(made, &status) == 0 && (status.st_mode & S_ISUID) == 0,
                 "a file made with the bit loses it with its first byte");
  });
}

TEST_P(SandboxDenials, OpensNothingOutsideItsPaths) {
  const std::string secret = (folder / "secret/file").string();
  const std::string secrets = (folder / "secret").string();
  const std::string library = (folder / "library/guard.so").string();
  SandboxPlan plan = Plan();
  const Outcome outcome = Run(plan, [&](Probe& probe, const SandboxReport& report) {
    for (const std::string& note : report.notes) {
      if (note.starts_with("Paths are not held")) {
        return;
      }
    }
    for (const std::string& path :
         {secret, std::string("/etc/shadow"), std::string("/etc/hostname"), std::string("/proc/1/status"),
          std::string("/proc/self/exe"), std::string("/var/lib")}) {
      probe.Expect(::open(path.c_str(), O_RDONLY | O_CLOEXEC) < 0 && (errno == ENOENT || errno == EACCES),
                   path + " cannot be opened");
    }
    probe.Expect(::opendir(secrets.c_str()) == nullptr, "the folder of others cannot be listed");
    for (const std::string& path :
         {secrets + "/new", std::string("/usr/new"), std::string("/new"), std::string("/etc/new")}) {
      probe.Expect(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0, path + " cannot be made");
    }
    probe.Expect(::open(library.c_str(), O_WRONLY | O_CLOEXEC) < 0, "the library cannot be written");
    probe.Expect(::open(library.c_str(), O_RDONLY | O_CLOEXEC) >= 0, "the library can be read");
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    probe.Expect(null >= 0 && ::write(null, "x", 1) == 1, "/dev/null can be written");
  });
  EXPECT_FALSE(std::filesystem::exists(folder / "secret/new"));
}

class SandboxRoot : public ConfinedTest {
 protected:
  void SetUp() override {
    ConfinedTest::SetUp();
    if (!IsSkipped()) {
      TUTTI_NEEDS_LEVEL(Confinement::kFull);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Full, SandboxRoot, kFullSituations, SituationName);

std::set<std::string> List(const char* directory) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

TEST_P(SandboxRoot, ShowsNoProcessesNoAccountsAndAnEmptyTmp) {
  SandboxPlan plan = Plan();
  plan.scratch.clear();
  plan.library = "/usr/lib/os-release";  // any file below /usr: nothing of /tmp is then shown
  Run(plan, [](Probe& probe, const SandboxReport&) {
    for (const std::string& name : List("/proc")) {
      probe.Expect(name == "self" || name == "cpuinfo" || name == "meminfo", "/proc has no " + name);
    }
    for (const std::string& name : List("/proc/self")) {
      probe.Expect(name == "fd" || name == "maps" || name.starts_with("stat"), "/proc/self has no " + name);
    }
    probe.Expect(List("/proc/self/fd").size() >= 3, "/proc/self/fd shows its own descriptors");
    const std::set<std::string> etc = List("/etc");
    for (const char* name : {"shadow", "resolv.conf", "hosts", "hostname", "sudoers", "fstab"}) {
      probe.Expect(!etc.contains(name), std::string("/etc has no ") + name);
    }
    probe.Expect(List("/tmp").empty(), "/tmp is fresh");
    probe.Expect(List("/sys").empty() && List("/root").empty() && List("/home").empty() && List("/var").empty(),
                 "nothing else of the host is there");
    const int file = ::open("/tmp/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    probe.Expect(file >= 0 && ::write(file, "x", 1) == 1, "/tmp can be written");
    const int shared = ::shm_open("/shared", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    probe.Expect(shared >= 0 && ::ftruncate(shared, 4096) == 0, "shared memory of its own can be had");
    std::array<char, 64> name{};
    probe.Expect(::gethostname(name.data(), name.size()) == 0 && std::string(name.data()) == "tutti-plugin",
                 "the host's name is not told");
    // `..` beyond the root stays in it.
    probe.Expect(::open("/../../../etc/shadow", O_RDONLY | O_CLOEXEC) < 0, "the old root is out of reach");
  });
}

TEST_P(SandboxRoot, KeepsNothingInTheBoundingSet) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
      probe.Expect(::prctl(PR_CAPBSET_READ, capability) == 0,
                   "capability " + std::to_string(capability) + " is dropped");
    }
  });
}

}  // namespace
}  // namespace tutti::host::testing
