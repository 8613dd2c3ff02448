// Stops, crashes and signals.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

class Stop : public RunningServer {
 protected:
  // An agent in the middle of a long turn; its id.
  std::string StartLongTurn() {
    SayAndWait("create scout");
    const std::string agent = AgentId("scout");
    SayAndWait("command scout talk slowly");
    EXPECT_GE(WaitForStatus(agent, "executing"), 0) << server().output();
    return agent;
  }

  std::string StatusOfAgent(const std::string& agent) {
    return Rows("SELECT status FROM agents WHERE id = ?", {agent}).at(0).at("status");
  }

  std::string StatusOfNewestRun(const std::string& agent) {
    return Rows("SELECT status FROM runs_runs WHERE agent = ? ORDER BY created_at DESC LIMIT 1", {agent})
        .at(0)
        .at("status");
  }
};

TEST_F(Stop, TermDuringAnAgentsTurnSuspendsItUntilTheNextStart) {
  Start();
  const std::string session = id_;
  const std::string agent = StartLongTurn();
  EXPECT_EQ(server().Stop(std::chrono::seconds(20)), 0) << server().output();
  EXPECT_EQ(StatusOfNewestRun(agent), "running");
  EXPECT_EQ(Rows("PRAGMA integrity_check").at(0).at("integrity_check"), "ok");
  Start();
  EXPECT_EQ(id_, session);
  EXPECT_EQ(StatusOfAgent(agent), "executing");
  SayAndWait("/stop all");
  EXPECT_EQ(StatusOfAgent(agent), "idle");
  EXPECT_EQ(StatusOfNewestRun(agent), "interrupted");
}

TEST_F(Stop, InterruptSignalStopsLikeTerm) {
  Start();
  kill(server().pid(), SIGINT);
  EXPECT_EQ(server().WaitForExit(), 0) << server().output();
}

TEST_F(Stop, KillDuringATurnLosesNothingAndTheConversationGoesOn) {
  Start();
  SayAndWait("say before");
  const std::string agent = StartLongTurn();
  const std::string session(Get("/get_orchestrator").json()["orchestrator"]["session_id"].AsString());
  server().Kill();
  EXPECT_EQ(StatusOfAgent(agent), "executing");

  Start(session);
  EXPECT_EQ(StatusOfAgent(agent), "executing");
  SayAndWait("/interrupt scout");
  EXPECT_EQ(StatusOfAgent(agent), "idle");
  EXPECT_EQ(StatusOfNewestRun(agent), "interrupted");
  EXPECT_EQ(Rows("SELECT count(*) AS n FROM runs_runs WHERE status IN ('queued', 'running', 'waiting')").at(0).at("n"),
            "0");
  SayAndWait("say after");
  EXPECT_EQ(LastLine(), "after");
  EXPECT_EQ(Rows("SELECT count(DISTINCT conversation) AS n FROM runs_runs WHERE agent = ?", {id_}).at(0).at("n"), "1");
  const int first = SayAndWait("command scout say hello");
  const int executing = WaitForStatus(agent, "executing", first);
  ASSERT_GE(executing, 0);
  EXPECT_GE(WaitForStatus(agent, "idle", executing), 0);
}

TEST_F(Stop, WaitingWebSocketsAreToldThatTheServerGoesAway) {
  Start();
  EXPECT_EQ(server().Stop(), 0) << server().output();
  EXPECT_EQ(client().WaitForType("never", static_cast<int>(client().messages().size())), -1);
  EXPECT_FALSE(client().is_open());
}

TEST_F(Stop, HangUpOpensTheLogAgain) {
  const std::string log = directory_.path() + "/tutti.log";
  const std::string moved = directory_.path() + "/moved.log";
  Overlay("log", "version: 1\nhost: {log: {file: '" + log + "'}}\n");
  Start();
  std::filesystem::rename(log, moved);
  kill(server().pid(), SIGHUP);
  // The next line opens it; a turn that fails writes one.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!std::filesystem::exists(log) && std::chrono::steady_clock::now() < deadline) {
    SayAndWait("fail");
  }
  EXPECT_TRUE(std::filesystem::exists(log)) << server().output();
  EXPECT_EQ(server().Stop(), 0) << server().output();
  std::ostringstream content;
  content << std::ifstream(log).rdbuf();
  EXPECT_NE(content.str().find("stopped"), std::string::npos) << content.str();
}

}  // namespace
}  // namespace tutti::test
