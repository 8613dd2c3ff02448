// What is there after a restart.
#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

TEST_F(Orchestrator, O42_RestartWithoutSessionBeginsAnew) {
  SayAndWait("say hello");
  CreateAgent("builder");
  const std::string before = id_;
  EXPECT_EQ(server().Stop(), 0) << server().output();
  StartServer();
  EXPECT_NE(id_, before);
  EXPECT_EQ(Get("/list_agents").json()["agents"].size(), 0U);
  EXPECT_EQ(Post("/load_chat", JsonObject()("orchestrator_agent_id", id_).Take()).json()["turn_count"].AsInt(-1), 0);
  EXPECT_EQ(Get("/get_events").json()["count"].AsInt(-1), 0);
}

TEST_F(Orchestrator, O42_RestartWithSessionContinues) {
  SayAndWait("say hello");
  const std::string agent = CreateAgent("builder");
  const Json before = Get("/get_orchestrator").json();
  const std::string chat = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_).Take()).body;
  const std::string agents = Get("/list_agents").body;
  const std::string session(before["orchestrator"]["session_id"].AsString());
  EXPECT_EQ(server().Stop(), 0) << server().output();
  EXPECT_NE(server().output().find("tutti run --session " + session), std::string::npos) << server().output();

  StartServer(session);
  EXPECT_EQ(id_, before["orchestrator"]["id"].AsString());
  EXPECT_EQ(Get("/get_orchestrator").json()["orchestrator"].Dump(), before["orchestrator"].Dump());
  EXPECT_EQ(Post("/load_chat", JsonObject()("orchestrator_agent_id", id_).Take()).body, chat);
  EXPECT_EQ(Get("/list_agents").body, agents);
  SayAndWait("say more");
  CommandAndWait("builder", "work");
  const auto conversations = Rows("SELECT count(DISTINCT conversation) AS n FROM runs_runs WHERE agent = ?", {id_});
  EXPECT_EQ(conversations.at(0).at("n"), "1");
  EXPECT_EQ(FindAgent("builder")["id"].AsString(), agent);
}

TEST_F(Orchestrator, O42_LastResumesTheNewest) {
  SayAndWait("say hello");
  const std::string before = id_;
  EXPECT_EQ(server().Stop(), 0);
  StartServer("last");
  EXPECT_EQ(id_, before);
}

TEST_F(Orchestrator, O42_UnknownSessionIsRefusedWithAReason) {
  EXPECT_EQ(server().Stop(), 0);
  ServerProcess refused(Options("no-such-session"));
  const std::optional<int> status = refused.WaitForExit();
  ASSERT_TRUE(status.has_value()) << refused.output();
  EXPECT_NE(*status, 0);
  EXPECT_NE(refused.output().find("no session \"no-such-session\""), std::string::npos) << refused.output();
}

TEST_F(Orchestrator, CrashLeavesNoAgentExecutingUnlessItsRunGoesOn) {
  SayAndWait("say hello");
  const std::string agent = CreateAgent("builder");
  const int first = static_cast<int>(client().messages().size());
  SayAndWait("command builder talk slowly");
  ASSERT_GE(WaitForStatus(agent, "executing", first), 0);
  server().Kill();
  StartServer(id_);
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "executing");
  SayAndWait("interrupt builder");
  EXPECT_NE(LastLine().find("Interrupted"), std::string::npos) << LastLine();
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
  EXPECT_EQ(Rows("SELECT count(*) AS n FROM runs_runs WHERE agent = ? AND status IN ('queued', 'running')", {agent})
                .at(0)
                .at("n"),
            "0");
  CommandAndWait("builder", "work");
}

TEST_F(Orchestrator, StopDuringATurnIsOrderlyAndTheTurnGoesOn) {
  Say("talk slowly");
  // The turn is announced before its run is stored.
  ASSERT_GE(client().WaitForType("chat_typing"), 0);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (Rows("SELECT id FROM runs_runs WHERE status = 'running'").empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << server().output();
    std::this_thread::yield();
  }
  EXPECT_EQ(server().Stop(), 0) << server().output();
  EXPECT_EQ(Rows("SELECT status FROM runs_runs").at(0).at("status"), "running");
  StartServer(id_);
  Say("say again");
  const int said = client().WaitFor([](JsonView message) {
    return message["message"]["sender_type"].AsString() == "orchestrator" &&
           message["message"]["message"].AsString() == "again";
  });
  ASSERT_GE(said, 0) << server().output();
  ASSERT_GE(client().WaitForType("orchestrator_updated", said), 0);
  EXPECT_EQ(Rows("SELECT count(*) AS n FROM runs_runs WHERE status = 'interrupted'").at(0).at("n"), "1")
      << server().output();
  EXPECT_EQ(Rows("SELECT count(DISTINCT conversation) AS n FROM runs_runs").at(0).at("n"), "1");
}

}  // namespace
}  // namespace tutti::test
