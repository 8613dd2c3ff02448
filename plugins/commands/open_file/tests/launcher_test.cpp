#include "launcher.h"

#include <gtest/gtest.h>

#include <future>

namespace tutti::open_file {
namespace {

Launcher::Options Options(std::chrono::milliseconds timeout = std::chrono::minutes(1)) {
  return {.environment = {"PATH=/usr/bin:/bin", "GREETING=hello"}, .timeout = timeout, .max_running = 1};
}

LaunchOutcome OutcomeOf(Launcher& launcher, std::vector<std::string> arguments) {
  std::promise<LaunchOutcome> ended;
  const Status started =
      launcher.Start(std::move(arguments), [&](LaunchOutcome outcome) { ended.set_value(std::move(outcome)); });
  EXPECT_TRUE(started.ok()) << started.ToString();
  return ended.get_future().get();
}

TEST(Launcher, ExitCodeAndErrorTextAreTold) {
  Launcher launcher(Options());
  const LaunchOutcome outcome = OutcomeOf(launcher, {"sh", "-c", "echo no display >&2; exit 3"});
  EXPECT_EQ(outcome.end, LaunchOutcome::End::kExited);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.output, "no display\n");
  launcher.Stop();
}

TEST(Launcher, ArgumentsArriveAsTheyAreAndOnlyTheGivenEnvironment) {
  Launcher launcher(Options());
  const LaunchOutcome outcome = OutcomeOf(
      launcher,
      {"sh", "-c", "test \"$1\" = 'a b;$(id)' && test \"$GREETING\" = hello && test -z \"$HOME\"", "sh", "a b;$(id)"});
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  launcher.Stop();
}

TEST(Launcher, MissingProgramIsToldApart) {
  Launcher launcher(Options());
  EXPECT_EQ(OutcomeOf(launcher, {"no-such-editor-anywhere", "x"}).end, LaunchOutcome::End::kNotFound);
  launcher.Stop();
}

TEST(Launcher, ProgramIsEndedAtItsTimeLimit) {
  Launcher launcher(Options(std::chrono::milliseconds(50)));
  EXPECT_EQ(OutcomeOf(launcher, {"sleep", "1000"}).end, LaunchOutcome::End::kTimedOut);
  launcher.Stop();
}

TEST(Launcher, WindowThatKeepsThePipeOpenIsNotWaitedFor) {
  Launcher launcher(Options());
  const LaunchOutcome outcome = OutcomeOf(launcher, {"sh", "-c", "setsid sleep 5 & exit 0"});
  EXPECT_EQ(outcome.end, LaunchOutcome::End::kExited);
  EXPECT_EQ(outcome.code, 0);
  launcher.Stop();
}

TEST(Launcher, OutputIsBounded) {
  Launcher launcher(Options());
  EXPECT_EQ(OutcomeOf(launcher, {"sh", "-c", "head -c 1000000 /dev/zero >&2"}).output.size(), 2000U);
  launcher.Stop();
}

TEST(Launcher, MoreThanItsNumberAreRefusedAndStopEndsThem) {
  Launcher launcher(Options());
  std::promise<LaunchOutcome> ended;
  ASSERT_TRUE(
      launcher.Start({"sleep", "1000"}, [&](LaunchOutcome outcome) { ended.set_value(std::move(outcome)); }).ok());
  EXPECT_EQ(launcher.Start({"true"}, [](const LaunchOutcome&) {}).code(), Code::kResourceExhausted);
  launcher.Stop();
  EXPECT_EQ(ended.get_future().get().end, LaunchOutcome::End::kTimedOut);
  EXPECT_EQ(launcher.Start({"true"}, [](const LaunchOutcome&) {}).code(), Code::kUnavailable);
}

}  // namespace
}  // namespace tutti::open_file
