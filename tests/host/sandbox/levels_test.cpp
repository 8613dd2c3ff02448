#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "tests/host/sandbox/confined_fixture.h"

namespace tutti::host::testing {
namespace {

constexpr int kInherited = 777;

class SandboxLevels : public ConfinedTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxLevels, kEverySituation, SituationName);

TEST_P(SandboxLevels, ReachesWhatTheSystemGivesAndSaysWhyNotMore) {
  const Outcome outcome = Run(Plan(), [](Probe&, const SandboxReport&) {});
  EXPECT_NE(outcome.Notes("No namespaces: "), NamespacesArePossible(GetParam()));
  EXPECT_EQ(outcome.Notes("System calls are not filtered: "), outcome.report.level < Confinement::kFiltered);
}

TEST_P(SandboxLevels, TakesAwayPrivilegesAtEveryLevel) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
    probe.Expect(::syscall(SYS_capget, &header, data) == 0, "capget works");
    probe.Expect((data[0].effective | data[0].permitted | data[1].effective | data[1].permitted) == 0,
                 "no capability is left");
    probe.Expect(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no_new_privs is set");
    probe.Expect(::prctl(PR_GET_DUMPABLE) == 0, "the process is not dumpable");
    rlimit core{};
    probe.Expect(::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0, "no core file");
  });
}

TEST_P(SandboxLevels, LeavesNoInheritedDescriptorOpen) {
  ASSERT_EQ(::dup2(STDERR_FILENO, kInherited), kInherited);
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    probe.ExpectError(::fcntl(kInherited, F_GETFD), EBADF, "fcntl of an inherited descriptor");
    probe.Expect(::fcntl(STDERR_FILENO, F_GETFD) >= 0, "standard error stays");
  });
  ::close(kInherited);
}

TEST_P(SandboxLevels, StillEndsWithItsParent) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    int signal = 0;
    probe.Expect(::prctl(PR_GET_PDEATHSIG, &signal) == 0 && signal == SIGKILL,
                 "the signal for the parent's death, set before, is kept");
  });
}

TEST_P(SandboxLevels, WorksInTheScratchDirectory) {
  Run(Plan(), [](Probe& probe, const SandboxReport&) {
    const int file = ::open("kept", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    probe.Expect(file >= 0 && ::write(file, "x", 1) == 1, "a file in the working directory can be written");
  });
  EXPECT_TRUE(std::filesystem::exists(folder / "scratch/kept"));
}

TEST_P(SandboxLevels, RefusesABadPlanBeforeAnythingIsDone) {
  SandboxPlan plan = Plan();
  plan.grants.write_paths = {"/proc"};
  const Outcome outcome = RunUnchecked(plan, [](Probe&, const SandboxReport&) {});
  EXPECT_FALSE(outcome.is_entered);
  EXPECT_NE(outcome.failures.find("INVALID_ARGUMENT"), std::string::npos) << outcome.failures;
}

TEST_P(SandboxLevels, NotesAGrantedPathThatIsNotThere) {
  TUTTI_NEEDS_LEVEL(Confinement::kFull);
  SandboxPlan plan = Plan();
  plan.grants.write_paths = {folder / "absent"};
  const Outcome outcome = Run(plan, [](Probe&, const SandboxReport&) {});
  EXPECT_TRUE(outcome.Notes((folder / "absent").string()));
}

}  // namespace
}  // namespace tutti::host::testing
