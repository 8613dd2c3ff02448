#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/sandbox/confined_fixture.h"

namespace tutti::host::testing {
namespace {

class SandboxGrants : public ConfinedTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxGrants, kEverySituation, SituationName);

// A TCP listener on the loopback, in the test's own process.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(::listen(socket_, 4), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  ~Listener() { ::close(socket_); }

  [[nodiscard]] const sockaddr_in& address() const { return address_; }

 private:
  int socket_;
  sockaddr_in address_{};
};

// The exit code of a shell that ran `script`, or -1.
int RunShell(const std::string& script) {
  std::string shell = "/bin/sh";
  std::string option = "-c";
  std::string text = script;
  char* arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t child = -1;
  if (::posix_spawn(&child, shell.c_str(), nullptr, nullptr, arguments, environ) != 0) {
    return -1;
  }
  int ended = 0;
  return ::waitpid(child, &ended, 0) == child && WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
}

TEST_P(SandboxGrants, NetReachesTheHostsNetworkAndResolvesNames) {
  const Listener listener;
  SandboxPlan plan = Plan();
  plan.grants.net = true;
  Run(plan, [&listener](Probe& probe, const SandboxReport&) {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    probe.Expect(client >= 0, "a socket can be made");
    probe.Expect(::connect(client, reinterpret_cast<const sockaddr*>(&listener.address()), sizeof(sockaddr_in)) == 0,
                 "a listener of the host can be reached");
    addrinfo* found = nullptr;
    probe.Expect(::getaddrinfo("localhost", "80", nullptr, &found) == 0, "getaddrinfo resolves localhost");
    ifaddrs* interfaces = nullptr;
    probe.Expect(::getifaddrs(&interfaces) == 0, "getifaddrs works");
  });
}

TEST_P(SandboxGrants, NetReachesAUnixSocketInAReadablePath) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder / "readable/socket").string();
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
  ASSERT_EQ(::listen(listener, 4), 0);
  SandboxPlan plan = Plan();
  plan.grants.net = true;
  plan.grants.read_paths = {folder / "readable"};
  Run(plan, [&address](Probe& probe, const SandboxReport&) {
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    probe.Expect(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
                 "a server behind a Unix socket can be reached");
  });
  ::close(listener);
}

TEST_P(SandboxGrants, NetGivesNoRawAndNoForeignSockets) {
  TUTTI_NEEDS_LEVEL(Confinement::kFiltered);
  SandboxPlan plan = Plan();
  plan.grants.net = true;
  Run(plan, [](Probe& probe, const SandboxReport&) {
    probe.ExpectError(::socket(AF_PACKET, SOCK_RAW, 0), EPERM, "a packet socket");
    probe.ExpectError(::socket(AF_NETLINK, SOCK_RAW, 9 /* NETLINK_AUDIT */), EPERM,
                      "a netlink socket of another family");
    probe.ExpectError(::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM, "a raw socket");
    char program[] = "/bin/true";
    char* arguments[] = {program, nullptr};
    probe.ExpectError(::execve(program, arguments, nullptr), EPERM, "execve");
  });
}

TEST_P(SandboxGrants, ExecRunsProgramsThatAreConfinedTheSameWay) {
  SandboxPlan plan = Plan();
  plan.grants.exec = true;
  const std::string secret = (folder / "secret/file").string();
  const Outcome outcome = Run(plan, [&secret](Probe& probe, const SandboxReport& report) {
    probe.Expect(RunShell("exit 7") == 7, "a shell runs");
    probe.Expect(RunShell("ls /usr >/dev/null && test \"$(echo a | tr a b)\" = b") == 0, "pipes and programs work");
    if (report.level == Confinement::kFull) {
      probe.Expect(RunShell("cat " + secret + " 2>/dev/null") != 0, "a program sees no more than the plugin");
    }
    if (report.level >= Confinement::kFiltered) {
      probe.ExpectError(::socket(AF_INET, SOCK_STREAM, 0), EPERM, "exec gives no network");
    }
  });
  if (!outcome.Notes("Signals are not held")) {
    SandboxPlan again = Plan();
    again.grants.exec = true;
    const std::string parent = std::to_string(::getpid());
    Run(again, [&parent](Probe& probe, const SandboxReport&) {
      probe.Expect(RunShell("kill -0 " + parent + " 2>/dev/null") != 0, "a program cannot signal the host");
      probe.Expect(::kill(::getppid(), 0) != 0, "the plugin cannot signal the host");
      probe.Expect(RunShell("sh -c 'kill -15 $$' 2>/dev/null; test $? = 143") == 0, "programs can signal their own");
    });
  }
}

TEST_P(SandboxGrants, ExecEndsAChildOfItsOwn) {
  SandboxPlan plan = Plan();
  plan.grants.exec = true;
  Run(plan, [](Probe& probe, const SandboxReport&) {
    std::string program = "/bin/sleep";
    std::string time = "1000";
    char* arguments[] = {program.data(), time.data(), nullptr};
    pid_t child = -1;
    probe.Expect(::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0, "a child starts");
    probe.Expect(child > 0 && ::kill(child, SIGKILL) == 0, "it can be killed");
    int ended = 0;
    probe.Expect(::waitpid(child, &ended, 0) == child && WIFSIGNALED(ended), "and ends by that");
  });
}

TEST_P(SandboxGrants, PathsAreReadableOrWritableAsGranted) {
  SandboxPlan plan = Plan();
  plan.grants.read_paths = {folder / "readable"};
  plan.grants.write_paths = {folder / "writable"};
  const std::string readable = (folder / "readable").string();
  const std::string writable = (folder / "writable").string();
  const Outcome outcome = Run(plan, [&](Probe& probe, const SandboxReport& report) {
    std::array<char, 16> text{};
    const int file = ::open((readable + "/file").c_str(), O_RDONLY | O_CLOEXEC);
    probe.Expect(file >= 0 && ::read(file, text.data(), text.size()) == 7, "a file in a readable path can be read");
    const int made = ::open((writable + "/made").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    probe.Expect(made >= 0 && ::write(made, "x", 1) == 1, "a file in a writable path can be made");
    probe.Expect(::rename((writable + "/made").c_str(), (writable + "/moved").c_str()) == 0, "and renamed");
    for (const std::string& note : report.notes) {
      if (note.starts_with("Paths are not held")) {
        return;
      }
    }
    probe.Expect(::open((readable + "/new").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0,
                 "nothing can be made in a readable path");
    probe.Expect(::open((readable + "/file").c_str(), O_WRONLY | O_CLOEXEC) < 0, "nothing there can be changed");
  });
  EXPECT_TRUE(std::filesystem::exists(folder / "writable/moved"));
}

TEST_P(SandboxGrants, OneFileAloneCanBeGranted) {
  SandboxPlan plan = Plan();
  plan.grants.read_paths = {folder / "readable/file"};
  const std::string file = (folder / "readable/file").string();
  Run(plan, [&file](Probe& probe, const SandboxReport&) {
    probe.Expect(::open(file.c_str(), O_RDONLY | O_CLOEXEC) >= 0, "the file can be opened");
  });
}

TEST_P(SandboxGrants, ProcShowsThatProcessesExistAndNothingInside) {
  SandboxPlan plan = Plan();
  plan.grants.read_paths = {"/proc"};
  const std::string parent = "/proc/" + std::to_string(::getpid());
  Run(plan, [&parent](Probe& probe, const SandboxReport& report) {
    probe.Expect(::open((parent + "/stat").c_str(), O_RDONLY | O_CLOEXEC) >= 0, "the parent's stat can be read");
    probe.Expect(::open("/proc/self/status", O_RDONLY | O_CLOEXEC) >= 0, "its own status can be read");
    for (const std::string& note : report.notes) {
      if (note.starts_with("Paths are not held")) {
        return;
      }
    }
    for (const char* name : {"/environ", "/mem", "/maps", "/root/etc/shadow", "/cwd/file", "/fd/0"}) {
      probe.Expect(::open((parent + name).c_str(), O_RDONLY | O_CLOEXEC) < 0, parent + name + " cannot be opened");
    }
    probe.Expect(::open("/proc/self/comm", O_WRONLY | O_CLOEXEC) < 0, "nothing in it can be written");
  });
}

TEST_P(SandboxGrants, TheLibraryStaysReadOnlyInAWritableFolder) {
  TUTTI_NEEDS_LEVEL(Confinement::kFull);
  SandboxPlan plan = Plan();
  plan.grants.write_paths = {folder / "library"};
  const std::string library = plan.library.string();
  Run(plan, [&library](Probe& probe, const SandboxReport&) {
    probe.ExpectError(::open(library.c_str(), O_WRONLY | O_CLOEXEC), EROFS, "opening the library for writing");
    probe.ExpectError(::unlink(library.c_str()), EBUSY, "removing the library");
  });
}

}  // namespace
}  // namespace tutti::host::testing
