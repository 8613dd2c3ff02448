#include "child_runner.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "confinement.h"
#include "waiting_runner.h"

namespace tutti::workspace {
namespace {

using End = ChildOutcome::End;

using ChildRunnerTest = RunnerTest;

TEST_F(ChildRunnerTest, OutputAndExitCodeAreReported) {
  const ChildOutcome outcome = Run("echo out; echo err >&2; exit 7");
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_EQ(outcome.code, 7);
  EXPECT_EQ(outcome.output, "out\nerr\n");
}

TEST_F(ChildRunnerTest, ASignalIsReported) {
  const ChildOutcome outcome = Run("kill -SEGV $$");
  EXPECT_EQ(outcome.end, End::kSignalled);
  EXPECT_EQ(outcome.code, SIGSEGV);
}

TEST_F(ChildRunnerTest, AProgramThatDoesNotExistIsExplained) {
  ChildCommand command = Bash("");
  command.arguments = {"/nonexistent/program"};
  const ChildOutcome outcome = Start(command).Wait();
  EXPECT_EQ(outcome.end, End::kNotStarted);
  EXPECT_NE(outcome.reason.find("executing the program failed: No such file"), std::string::npos) << outcome.reason;
}

TEST_F(ChildRunnerTest, NothingOfTheServerIsInherited) {
  ASSERT_EQ(::setenv("TUTTI_TEST_API_KEY", "secret", 1), 0);
  const UniqueFd inherited(::open("/etc/passwd", O_RDONLY));  // no O_CLOEXEC on purpose
  ASSERT_EQ(::fcntl(inherited.get(), F_GETFD), 0);
  const ChildOutcome outcome = Run("env; ls /proc/$$/fd; readlink /proc/$$/fd/0; pwd; cat; trap; ulimit -c");
  ::unsetenv("TUTTI_TEST_API_KEY");
  EXPECT_EQ(outcome.output.find("secret"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("\n0\n1\n2\n/dev/null\n" + inside.path() + "\n0\n"), std::string::npos)
      << outcome.output;
}

TEST_F(ChildRunnerTest, IgnoredAndBlockedSignalsAreNotInherited) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const ChildOutcome outcome = Run("grep -E '^Sig(Blk|Ign)' /proc/self/status");
  std::signal(SIGPIPE, before);
  EXPECT_EQ(outcome.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(ChildRunnerTest, AGigabyteIsDrainedInBoundedMemory) {
  ChildCommand command = Bash("head -c 1G /dev/zero | tr '\\0' x; echo end");
  command.max_output_bytes = 1000;
  const ChildOutcome outcome = Start(command).Wait();
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_EQ(outcome.bytes, (1ULL << 30U) + 4);
  EXPECT_LT(outcome.output.size(), 1100U);
  EXPECT_TRUE(outcome.output.ends_with("xend\n"));
}

TEST_F(ChildRunnerTest, ABackgroundProcessThatHoldsThePipeEndsWithTheCommand) {
  const ChildOutcome outcome = Run("sleep 1000 & echo $! > pid; echo done");
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_EQ(outcome.output, "done\n");
  EXPECT_EQ(outcome.ended_descendants, 1);
  EXPECT_TRUE(IsGone("pid"));
}

TEST_F(ChildRunnerTest, ADaemonWithItsOwnSessionEndsWithTheCommand) {
  const ChildOutcome outcome =
      Run("(setsid bash -c 'trap \"\" TERM HUP INT; echo $$ > daemon; exec </dev/null >/dev/null 2>&1; while :; do "
          "sleep 1; done' &) ; "
          "until [ -s daemon ]; do :; done; echo started");
  EXPECT_EQ(outcome.output, "started\n");
  EXPECT_GE(outcome.ended_descendants, 1);
  EXPECT_TRUE(IsGone("daemon"));
}

TEST_F(ChildRunnerTest, TheTimeLimitEndsACommandThatIgnoresSignals) {
  ChildCommand command = Bash("trap '' TERM INT HUP; echo $$ > pid; while :; do sleep 1000; done");
  command.timeout = std::chrono::milliseconds(300);
  const ChildOutcome outcome = Start(command).Wait();
  EXPECT_EQ(outcome.end, End::kTimedOut);
  EXPECT_GE(outcome.duration, std::chrono::milliseconds(300));
}

TEST_F(ChildRunnerTest, CancelEndsTheWholeTree) {
  Started started = Start(Bash("echo $$ > shell; (setsid sleep 1000 & echo $! > session); sleep 1000"));
  ASSERT_TRUE(Appears("session"));
  runner->Cancel(started.id);
  EXPECT_EQ(started.Wait().end, End::kCancelled);
  EXPECT_TRUE(IsGone("shell"));
  EXPECT_TRUE(IsGone("session"));
}

TEST_F(ChildRunnerTest, ACommandThatStopsItselfIsStillEnded) {
  Started started = Start(Bash("echo $$ > pid; kill -STOP $$"));
  ASSERT_TRUE(Appears("pid"));
  runner->Cancel(started.id);
  EXPECT_EQ(started.Wait().end, End::kCancelled);
  EXPECT_TRUE(IsGone("pid"));
}

TEST_F(ChildRunnerTest, AForkBombIsEndedAtTheProcessLimit) {
  // Bounded in itself, should the limit fail.
  ChildCommand command =
      Bash("bomb() { [ $1 -gt 0 ] && { bomb $(($1 - 1)) & bomb $(($1 - 1)) & }; sleep 1000; }; bomb 8");
  command.max_processes = 50;
  const ChildOutcome outcome = Start(command).Wait();
  EXPECT_EQ(outcome.end, End::kTooManyProcesses);
  EXPECT_GT(outcome.code, 50);
}

TEST_F(ChildRunnerTest, TheFileSizeLimitHolds) {
  ChildCommand command = Bash("head -c 1M /dev/zero > big; echo $?; stat -c %s big");
  command.max_file_bytes = 10'000;
  EXPECT_NE(Start(command).Wait().output.find("\n10000\n"), std::string::npos);
}

TEST_F(ChildRunnerTest, StopEndsEverythingAndRefusesMore) {
  Started started = Start(Bash("echo $$ > pid; sleep 1000"));
  ASSERT_TRUE(Appears("pid"));
  runner->Stop();
  EXPECT_EQ(started.Wait().end, End::kCancelled);
  EXPECT_TRUE(IsGone("pid"));
  const auto refused = runner->Start(Bash("true"), [](const ChildOutcome&) {});
  EXPECT_EQ(refused.status().code(), Code::kUnavailable);
}

TEST_F(ChildRunnerTest, ManyAtOnceAllEnd) {
  std::vector<Started> started;
  for (int i = 0; i < 60; ++i) {
    started.push_back(Start(Bash("echo " + std::to_string(i))));
  }
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(started[static_cast<std::size_t>(i)].Wait().output, std::to_string(i) + "\n");
  }
}

TEST(ChildRunnerDeath, CommandsEndWithTheServerHoweverItEnds) {
  const TemporaryDirectory inside;
  const pid_t server = ::fork();
  ASSERT_GE(server, 0);
  if (server == 0) {
    const auto directory = WorkingDirectory::Open(inside.path());
    const auto runner = ChildRunner::Create({});
    ChildCommand command;
    command.arguments = {"/bin/bash", "-c",
                         "(trap '' HUP TERM; setsid sleep 1000 & echo $! > session); echo $$ > shell; sleep 1000"};
    command.environment = {"PATH=/usr/bin:/bin"};
    command.directory = directory->fd();
    (void)(*runner)->Start(command, [](const ChildOutcome&) {});
    for (;;) {
      ::pause();
    }
  }
  const auto read = [&](const char* file) { return std::atoi(inside.Get(file).c_str()); };
  ASSERT_TRUE(Eventually([&] { return read("shell") > 0 && read("session") > 0; }));
  ASSERT_EQ(::kill(server, SIGKILL), 0);
  ASSERT_EQ(::waitpid(server, nullptr, 0), server);
  const auto is_gone = [&](const char* file) {
    return !std::filesystem::exists("/proc/" + std::to_string(read(file)));
  };
  EXPECT_TRUE(Eventually([&] { return is_gone("shell") && is_gone("session"); }));
}

struct NarrowRunnerTest : RunnerTest {
  NarrowRunnerTest() : RunnerTest({.max_children = 1, .max_waiting = 1}) {}
};

TEST_F(NarrowRunnerTest, OneWaitsAndTheNextIsRefused) {
  Started first = Start(Bash("until [ -e go ]; do :; done; echo first > order"));
  Started second = Start(Bash("echo second >> order"));
  const auto third = runner->Start(Bash("true"), [](const ChildOutcome&) {});
  EXPECT_EQ(third.status().code(), Code::kResourceExhausted);
  EXPECT_GT(third.status().retry_after().count(), 0);
  inside.Put("go", "");
  EXPECT_EQ(first.Wait().end, End::kExited);
  EXPECT_EQ(second.Wait().end, End::kExited);
  EXPECT_EQ(inside.Get("order"), "first\nsecond\n");
}

TEST_F(NarrowRunnerTest, AWaitingCommandCanBeCancelledOrTimeOut) {
  Started first = Start(Bash("until [ -e go ]; do :; done"));
  Started cancelled = Start(Bash("echo > ran"));
  runner->Cancel(cancelled.id);
  EXPECT_EQ(cancelled.Wait().end, End::kCancelled);
  ChildCommand late = Bash("echo > ran");
  late.timeout = std::chrono::milliseconds(10);
  EXPECT_EQ(Start(late).Wait().end, End::kTimedOut);
  inside.Put("go", "");
  EXPECT_EQ(first.Wait().end, End::kExited);
  EXPECT_EQ(inside.Get("ran"), "<missing>");
}

class ConfinedTest : public RunnerTest {
 protected:
  void SetUp() override {
    outside.Put("secret", "secret");
    auto built = Confinement::Build({.readable = {"/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/dev"},
                                     .writable = {inside.path(), "/dev/null", "/nonexistent"}});
    ASSERT_TRUE(built.ok()) << built.status().ToString();
    confinement = std::move(*built);
    if (!confinement.is_active()) {
      GTEST_SKIP() << "this kernel has no Landlock";
    }
  }

  ChildOutcome RunConfined(std::string text) {
    ChildCommand command = Bash(std::move(text));
    command.ruleset = confinement.ruleset_fd();
    return Start(std::move(command)).Wait();
  }

  TemporaryDirectory outside;
  Confinement confinement = Confinement::None();
};

TEST_F(ConfinedTest, WorkInsideSucceeds) {
  const ChildOutcome outcome = RunConfined(
      "set -e; mkdir -p a/b; echo x > a/b/c; mv a/b/c d; ln -s d e; rm e; cat d > /dev/null; ls /usr > /dev/null; echo "
      "ok");
  EXPECT_EQ(outcome.output, "ok\n");
}

TEST_F(ConfinedTest, FilesOutsideAreOutOfReach) {
  const std::string file = (outside / "secret").string();
  const ChildOutcome outcome = RunConfined("cat " + file + "; echo bad > " + file + "; rm -f " + file + "; ln -s " +
                                           file + " l; cat l; touch " + outside.path() + "/new; true");
  EXPECT_EQ(outcome.output.find("secret\n"), std::string::npos);
  EXPECT_EQ(outside.Get("secret"), "secret");
  EXPECT_EQ(outside.Get("new"), "<missing>");
}

TEST_F(ConfinedTest, TheServersEnvironmentIsOutOfReach) {
  const std::string server = std::to_string(::getpid());
  const ChildOutcome outcome =
      RunConfined("cat /proc/" + server + "/environ /proc/$PPID/environ; cat /proc/$PPID/maps");
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_NE(outcome.code, 0);
  EXPECT_EQ(outcome.output.find("PATH="), std::string::npos);
}

}  // namespace
}  // namespace tutti::workspace
