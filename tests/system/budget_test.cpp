// Budgets end to end: a limit is met, a person raises it or does not, and what was spent is known after a crash.
#include <chrono>
#include <string>
#include <thread>

#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

constexpr const char* kBudget = R"(version: 1
plugins:
  - {id: tutti.hooks.approvals}
  - id: tutti.hooks.budget
    config:
      limits: [{id: session, scope: orchestrator, model_calls: 2}]
)";

class Budgets : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    Overlay("budget", kBudget);
  }

  // The only question that waits for an answer, once there is one.
  Json Question() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    Json answer = Get("/v1/approvals?status=pending").json();
    while (answer["approvals"].size() == 0 && std::chrono::steady_clock::now() < deadline) {
      answer = Get("/v1/approvals?status=pending").json();
    }
    EXPECT_EQ(answer["approvals"].size(), 1U) << answer.view().Dump() << server().output();
    return answer;
  }

  void Answer(const Json& question, const std::string& body) {
    const std::string id(question["approvals"][0]["id"].AsString());
    const HttpAnswer answered = Post("/v1/approvals/" + id, body);
    EXPECT_EQ(answered.status, 200) << answered.body;
  }

  std::int64_t ModelCalls() {
    const HttpAnswer answer = Get("/v1/budgets?scope=orchestrator&scope_id=" + id_);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json()["total"]["model_calls"].AsInt(-1);
  }

  // Says it, answers the question that comes of it, and waits for the end of the turn.
  void SayAndAnswer(const std::string& text, const std::string& body) {
    const int first = static_cast<int>(client().messages().size());
    Say(text);
    Answer(Question(), body);
    ASSERT_GE(client().WaitFor(
                  [](JsonView message) {
                    return message["type"].AsString() == "orchestrator_updated" ||
                           message["type"].AsString() == "error";
                  },
                  first),
              0)
        << server().output();
  }
};

TEST_F(Budgets, ALimitThatIsMetIsRaisedByAPersonAndTheRunGoesOn) {
  Start();
  SayAndWait("say one");
  SayAndWait("say two");
  EXPECT_EQ(ModelCalls(), 2);
  SayAndAnswer("say three", R"({"answer":"allow","amount":1})");
  EXPECT_EQ(LastLine(), "three");
  EXPECT_EQ(ModelCalls(), 3);
  const Json raises = Get("/v1/budgets?scope=orchestrator&scope_id=" + id_).json();
  EXPECT_EQ(raises["raises"][0]["amount"].AsInt(), 1);
  // By one, not by two: the next call asks again.
  SayAndAnswer("say four", R"({"answer":"deny","reason":"enough"})");
  EXPECT_NE(LastLine(), "four");
  EXPECT_EQ(ModelCalls(), 3);
  EXPECT_EQ(Rows("SELECT status FROM runs_runs ORDER BY created_at DESC").at(0).at("status"), "failed");
}

TEST_F(Budgets, WhatWasSpentAndRaisedIsKnownAfterAKill) {
  Start();
  SayAndWait("say one");
  SayAndWait("say two");
  EXPECT_EQ(Post("/v1/budgets/session/raise", JsonObject()("scope_id", id_)("amount", 1).Take()).status, 200);
  server().Kill();
  Start(id_);
  EXPECT_EQ(ModelCalls(), 2);
  SayAndWait("say three");
  EXPECT_EQ(LastLine(), "three");
  SayAndAnswer("say four", R"({"answer":"deny"})");
  EXPECT_EQ(ModelCalls(), 3);
}

TEST_F(Budgets, RunsThatMeetTheSameLimitWaitForOneAnswer) {
  Overlay("budget",
          "version: 1\nplugins:\n  - {id: tutti.hooks.approvals}\n  - id: tutti.hooks.budget\n    config:\n"
          "      limits: [{id: agents, scope: orchestrator, match: {role: agent}, model_calls: 5}]\n");
  Start();
  const int first = SayAndWait("create a");
  SayAndWait("create b");
  for (const char* name : {"a", "b"}) {
    SayAndWait(std::string("command ") + name + " say hello");
  }
  const std::string waiting = "SELECT count(*) AS n FROM runs_runs WHERE status = 'waiting'";
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (Rows(waiting).at(0).at("n") != "2" && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  ASSERT_EQ(Rows(waiting).at(0).at("n"), "2") << server().output();
  Answer(Question(), R"({"answer":"allow","amount":100})");
  for (const char* name : {"a", "b"}) {
    EXPECT_GE(WaitForStatus(AgentId(name), "idle", first), 0) << name;
  }
  while (Rows(waiting).at(0).at("n") != "0" && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(Rows(waiting).at(0).at("n"), "0");
  EXPECT_EQ(Rows("SELECT sum(amount) AS n FROM budget_raises").at(0).at("n"), "100") << "one answer is one raise";
}

TEST_F(Budgets, WhatAgentsSpendIsSpentByWhoeverAskedForThem) {
  Overlay(
      "budget",
      "version: 1\nhost: {gateway: {tokens: [{token: of-ann, principal: ann}, {token: of-bob, principal: bob}]}}\n"
      "plugins:\n  - id: tutti.hooks.budget\n    config: {limits: [{id: people, scope: user, model_calls: 100}]}\n");
  ServerProcess server(Options());
  ASSERT_TRUE(server.WaitUntilReady()) << server.output();
  const auto ask = [&](const std::string& who, const std::string& method, const std::string& target,
                       const std::string& body = {}) {
    return Request(server.port(), method, target, body, {{"Authorization", "Bearer of-" + who}});
  };
  const Json shown = ask("ann", "GET", "/get_orchestrator").json();
  const std::string id(shown["orchestrator"]["id"].AsString());
  const auto say = [&](const std::string& who, const std::string& text) {
    const std::string body = JsonObject()("orchestrator_agent_id", id)("message", text).Take();
    const HttpAnswer answer = ask(who, "POST", "/send_chat", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
  };
  const auto spent = [&](const std::string& who) {
    return ask(who, "GET", "/v1/budgets?scope=user&scope_id=" + who).json()["total"]["model_calls"].AsInt();
  };
  const auto spends = [&](const std::string& who, std::int64_t calls) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (spent(who) != calls && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_EQ(spent(who), calls) << who << '\n' << server.output();
  };
  // The call that creates the agent, the agent's greeting, and the answer in the chat.
  say("ann", "create helper");
  spends("ann", 3);
  say("bob", "say hello");
  spends("bob", 1);
  // The call that commands, the agent's turn, and the answer.
  say("bob", "command helper say hello");
  spends("bob", 4);
  EXPECT_EQ(spent("ann"), 3);
  EXPECT_EQ(spent("local"), 0);
}

TEST_F(Budgets, WithoutThePluginThereAreNoLimits) {
  Overlay("off", "version: 1\nplugins:\n  - {id: tutti.hooks.budget, enabled: false}\n");
  Start();
  for (const char* text : {"one", "two", "three"}) {
    SayAndWait(std::string("say ") + text);
    EXPECT_EQ(LastLine(), text);
  }
  EXPECT_EQ(Get("/v1/budgets").status, 404);
}

}  // namespace
}  // namespace tutti::test
