#include "tests/host/sandbox/confined_fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace tutti::host::testing {
namespace {

constexpr unsigned kNobody = 65534;
constexpr char kSeparator = '\0';

void Become(User user) {
  if (user == User::kNobody && (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
    ::_exit(3);
  }
}

void Refuse(Refused refused) {
  if (refused == Refused::kNothing) {
    return;
  }
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  bool is_made = filter != nullptr;
  if (refused != Refused::kFilters) {
    is_made = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) == 0;
  }
  if (refused != Refused::kNamespaces) {
    const scmp_arg_cmp is_seccomp{0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0};
    is_made = is_made && ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0) == 0 &&
              ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, &is_seccomp) == 0;
  }
  if (!is_made || ::seccomp_load(filter) != 0) {
    ::_exit(4);
  }
  ::seccomp_release(filter);
}

// Runs `attempt` in a child as that user and answers whether it was true.
bool InChild(User user, const std::function<bool()>& attempt) {
  const pid_t child = ::fork();
  if (child == 0) {
    Become(user);
    ::prctl(PR_SET_DUMPABLE, 1);
    ::_exit(attempt() ? 0 : 1);
  }
  int ended = 0;
  return ::waitpid(child, &ended, 0) == child && WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
}

bool WriteTo(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

bool GetsNamespaces() {
  mount_attr nothing{};
  const std::string user = std::to_string(::getuid()) + " " + std::to_string(::getuid()) + " 1";
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET) == 0 &&
         WriteTo("/proc/self/uid_map", user) && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0 &&
         ::open_tree(AT_FDCWD, "/usr", OPEN_TREE_CLONE | AT_RECURSIVE) >= 0 &&
         ::mount_setattr(AT_FDCWD, "/tmp", 0, &nothing, sizeof nothing) == 0 && ::chdir("/tmp") == 0 &&
         ::syscall(SYS_pivot_root, ".", ".") == 0;
}

bool GetsFilters() {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  return ::seccomp_load(filter) == 0;
}

std::string Encode(const Outcome& outcome) {
  std::string text = outcome.is_entered ? "1" : "0";
  text += std::to_string(static_cast<int>(outcome.report.level)) + outcome.failures + kSeparator;
  for (const std::string& note : outcome.report.notes) {
    text += note + "\n";
  }
  return text;
}

Outcome Decode(const std::string& text, int ended) {
  Outcome outcome;
  const std::size_t end = text.find(kSeparator);
  if (end == std::string::npos || end < 2) {
    outcome.failures = "the child ended with status " + std::to_string(ended) + " and no answer";
    return outcome;
  }
  outcome.is_entered = text[0] == '1';
  outcome.report.level = static_cast<Confinement>(text[1] - '0');
  outcome.failures = text.substr(2, end - 2);
  outcome.report.notes = {text.substr(end + 1)};
  return outcome;
}

Outcome EnterAndProbe(const SandboxPlan& plan, const Body& body) {
  const Result<SandboxReport> report = EnterSandbox(plan);
  if (!report.ok()) {
    return {false, {}, report.status().ToString()};
  }
  Probe probe;
  body(probe, *report);
  return {true, *report, probe.failures()};
}

std::string ReadAll(int pipe) {
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t count = 0; (count = ::read(pipe, part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Situation& situation) {
  constexpr std::array kRefused = {"NothingRefused", "NamespacesRefused", "FiltersRefusedToo", "FiltersRefused"};
  return out << kRefused.at(static_cast<std::size_t>(situation.refused))
             << (situation.user == User::kNobody ? "AsNobody" : "AsOwnUser");
}

std::string SituationName(const ::testing::TestParamInfo<Situation>& info) {
  std::ostringstream text;
  text << info.param;
  return text.str();
}

bool Outcome::Notes(const std::string& part) const {
  return !report.notes.empty() && report.notes.front().find(part) != std::string::npos;
}

bool NamespacesArePossible(const Situation& situation) {
  const bool is_refused =
      situation.refused == Refused::kNamespaces || situation.refused == Refused::kNamespacesAndFilters;
  return !is_refused && InChild(situation.user, GetsNamespaces);
}

Confinement Possible(const Situation& situation) {
  const bool is_refused = situation.refused == Refused::kFilters || situation.refused == Refused::kNamespacesAndFilters;
  if (is_refused || !InChild(situation.user, GetsFilters)) {
    return Confinement::kProcess;
  }
  return NamespacesArePossible(situation) ? Confinement::kFull : Confinement::kFiltered;
}

void ConfinedTest::SetUp() {
  if (!InChild(GetParam().user, [] { return true; })) {
    GTEST_SKIP() << "becoming nobody takes root, and a user namespace that knows nobody";
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "tutti-sandbox-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  folder = pattern;
  for (const char* name : {"library", "scratch", "readable", "writable", "secret"}) {
    std::filesystem::create_directory(folder / name);
  }
  std::ofstream(folder / "readable/file") << "granted";
  std::ofstream(folder / "secret/file") << "secret";
  std::filesystem::copy_file(GUARD_LIBRARY, folder / "library/guard.so");
  if (GetParam().user == User::kNobody) {
    ASSERT_EQ(::chown(folder.c_str(), kNobody, kNobody), 0);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      ASSERT_EQ(::chown(entry.path().c_str(), kNobody, kNobody), 0);
    }
  }
}

void ConfinedTest::TearDown() {
  if (!folder.empty()) {
    std::filesystem::remove_all(folder);
  }
}

SandboxPlan ConfinedTest::Plan() const {
  SandboxPlan plan;
  plan.library = folder / "library/guard.so";
  plan.scratch = folder / "scratch";
  return plan;
}

Outcome ConfinedTest::RunUnchecked(const SandboxPlan& plan, const Body& body) const {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Become(GetParam().user);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Refuse(GetParam().refused);
    SandboxPlan own = plan;
    own.descriptors.push_back(pipe[1]);
    const std::string text = Encode(EnterAndProbe(own, body));
    ::_exit(::write(pipe[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 5);
  }
  ::close(pipe[1]);
  const std::string text = ReadAll(pipe[0]);
  ::close(pipe[0]);
  int ended = 0;
  EXPECT_EQ(::waitpid(child, &ended, 0), child);
  return Decode(text, ended);
}

Outcome ConfinedTest::Run(const SandboxPlan& plan, const Body& body) const {
  Outcome outcome = RunUnchecked(plan, body);
  EXPECT_TRUE(outcome.is_entered);
  EXPECT_EQ(outcome.failures, "");
  EXPECT_EQ(outcome.report.level, Possible(GetParam()))
      << (outcome.report.notes.empty() ? "" : outcome.report.notes.front());
  return outcome;
}

}  // namespace tutti::host::testing
