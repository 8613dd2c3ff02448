#include "run_clock.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::budget {
namespace {

Facts RunOf(const std::string& run, const std::string& agent = "o") {
  return Facts::Read(run, agent, "o", "", JsonObject()("agent_name", agent).Take());
}

TEST(RunClock, TimeIsTakenOnce) {
  RunClock clock(10);
  clock.Touch(RunOf("r"), 100);
  EXPECT_EQ(clock.Untaken({ScopeKind::kRun, "r"}, 130), 30);
  EXPECT_EQ(clock.Take("r", 150), 50);
  EXPECT_EQ(clock.Take("r", 160), 10);
  EXPECT_EQ(clock.End("r", 165), 5);
  EXPECT_EQ(clock.End("r", 170), 0);
}

TEST(RunClock, WaitingForAPersonDoesNotCount) {
  RunClock clock(10);
  clock.Touch(RunOf("r"), 0);
  clock.Wait("r", 40);
  EXPECT_EQ(clock.Untaken({ScopeKind::kServer, ""}, 1000), 40);
  clock.Touch(RunOf("r"), 2000);
  EXPECT_EQ(clock.Take("r", 2010), 50);
}

TEST(RunClock, RunsSideBySideAddUp) {
  RunClock clock(10);
  clock.Touch(RunOf("r"), 0);
  clock.Touch(RunOf("s"), 0);
  EXPECT_EQ(clock.Untaken({ScopeKind::kOrchestrator, "o"}, 10), 20);
  EXPECT_EQ(clock.Untaken({ScopeKind::kRun, "s"}, 10), 10);
}

TEST(RunClock, ARunIsOverdueOnceAndNotWhileItWaits) {
  RunClock clock(10);
  clock.Touch(RunOf("r"), 0);
  clock.SetRemaining("r", 100, 0);
  EXPECT_TRUE(clock.Overdue(100).empty());
  clock.Wait("r", 60);
  EXPECT_TRUE(clock.Overdue(500).empty());
  clock.Touch(RunOf("r"), 500);
  EXPECT_TRUE(clock.Overdue(540).empty()) << "60 ms of 100 were used";
  EXPECT_EQ(clock.Overdue(541).size(), 1U);
  EXPECT_TRUE(clock.Overdue(9000).empty());
}

TEST(RunClock, AnAgentThatWasToldToWorkIsBusyBeforeItsRunBegins) {
  RunClock clock(10);
  const Scope session{ScopeKind::kOrchestrator, "o"};
  clock.Touch(RunOf("r"), 0);
  EXPECT_EQ(clock.BusyAgents(session, "o", "", 0), 0) << "the orchestrator is no agent below itself";
  clock.Start("o", "scout", 0);
  EXPECT_EQ(clock.BusyAgents(session, "o", "", 1), 1);
  EXPECT_EQ(clock.BusyAgents(session, "o", "scout", 1), 0);
  clock.Touch(RunOf("s", "scout"), 2);
  EXPECT_EQ(clock.BusyAgents(session, "o", "", 3), 1);
  clock.End("s", 4);
  EXPECT_EQ(clock.BusyAgents(session, "o", "", 5), 0);
  clock.Start("o", "never", 0);
  EXPECT_EQ(clock.BusyAgents(session, "o", "", 600'001), 0);
}

TEST(RunClock, KnowsSoManyRunsAtMost) {
  RunClock clock(2);
  for (int i = 0; i < 5; ++i) {
    clock.Touch(RunOf(std::to_string(i)), i);
  }
  EXPECT_EQ(clock.size(), 2U);
  EXPECT_EQ(clock.Take("4", 10), 6);
  EXPECT_EQ(clock.Take("0", 10), 0);
}

}  // namespace
}  // namespace tutti::budget
