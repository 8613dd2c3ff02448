// Several who speak at once, and what must survive it.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class Concurrency : public Orchestrator {
 protected:
  std::string Count(const std::string& sql, const std::vector<std::string>& values = {}) {
    return Rows(sql, values).at(0).at("n");
  }
};

TEST_F(Concurrency, O46_TwoClientsThatSendAtOnceLoseNoMessage) {
  constexpr int kEach = 5;
  const auto send = [&](const std::string& who) {
    for (int i = 0; i < kEach; ++i) {
      const std::string body =
          JsonObject()("message", "odd text " + who + std::to_string(i))("orchestrator_agent_id", id_).Take();
      EXPECT_EQ(Request(server().port(), "POST", "/send_chat", body).status, 200);
    }
  };
  std::thread one(send, "one");
  std::thread two(send, "two");
  one.join();
  two.join();
  Say("say finally");
  ASSERT_GE(client().WaitFor([](JsonView message) {
    return message["message"]["message"].AsString().ends_with("finally") &&
           message["message"]["sender_type"].AsString() == "orchestrator";
  }),
            0)
      << server().output();
  EXPECT_EQ(Count("SELECT count(*) AS n FROM orchestrator_chat WHERE sender_type = 'user'"), "11");
  EXPECT_EQ(Count("SELECT count(DISTINCT conversation) AS n FROM runs_runs"), "1");
  // Every message is in the conversation exactly once, also one whose first turn was replaced before it was stored.
  for (const char* who : {"one", "two"}) {
    for (int i = 0; i < kEach; ++i) {
      EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_messages WHERE role = 'user' AND CAST(content AS text) LIKE ?",
                      {std::string("%odd text ") + who + std::to_string(i) + "%"}),
                "1")
          << who << i;
    }
  }
}

TEST_F(Concurrency, SecondMessageDuringTheFirstTurnStaysInTheConversation) {
  Say("talk slowly");
  Say("say instead");
  const int said = client().WaitFor([](JsonView message) {
    return message["message"]["sender_type"].AsString() == "orchestrator" &&
           message["message"]["message"].AsString().ends_with("instead");
  });
  ASSERT_GE(said, 0) << server().output();
  ASSERT_GE(client().WaitForType("orchestrator_updated", said), 0);
  EXPECT_EQ(Count("SELECT count(DISTINCT conversation) AS n FROM runs_runs"), "1");
  EXPECT_EQ(
      Count(
          "SELECT count(*) AS n FROM runs_messages WHERE role = 'user' AND CAST(content AS text) LIKE '%talk slowly%'"),
      "1");
}

TEST_F(Concurrency, SessionOfAnAgentSurvivesATurnThatFailed) {
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  const std::string session(FindAgent("builder")["session_id"].AsString());
  ASSERT_FALSE(session.empty());
  CommandAndWait("builder", "break");
  EXPECT_EQ(FindAgent("builder")["session_id"].AsString(), session);
  SayAndWait("interrupt builder");
  EXPECT_NE(LastLine().find("not currently running"), std::string::npos) << LastLine();
  CommandAndWait("builder", "work");
  EXPECT_EQ(FindAgent("builder")["session_id"].AsString(), session);
}

TEST_F(Concurrency, MessageForAnotherOrchestratorIsRefusedAndStoresNothing) {
  const std::string other = "00000000-0000-4000-8000-000000000001";
  const HttpAnswer unknown =
      Post("/send_chat", JsonObject()("message", "hello")("orchestrator_agent_id", other).Take());
  EXPECT_EQ(unknown.status, 404) << unknown.body;
  EXPECT_NE(unknown.body.find(id_), std::string::npos) << unknown.body;
  EXPECT_EQ(Post("/send_chat", R"({"message":"hello","orchestrator_agent_id":"nobody"})").status, 422);
  EXPECT_EQ(Count("SELECT count(*) AS n FROM orchestrator_chat"), "0");
}

}  // namespace
}  // namespace tutti::test
