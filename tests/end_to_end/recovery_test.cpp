// What was acknowledged before a kill -9 is done after the next start, once.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class Recovery : public Orchestrator {
 protected:
  std::string MoreScenes() const override {
    return R"(scenes:
  - when: {tool: Bash, prompt: '^work until told$'}
    say: [{text: "told"}]
    usage: {input_tokens: 300, output_tokens: 30}
  - when: {prompt: '^work until told$'}
    say: [{tool_use: {name: Bash, input: {command: "touch begun; until test -e go; do sleep 0.05; done"}}}]
    usage: {input_tokens: 200, output_tokens: 20}
)";
  }

  std::string Count(const std::string& sql, const std::vector<std::string>& values = {}) {
    return Rows(sql, values).at(0).at("n");
  }

  // Waits until `sql` counts `expected`; what the database says is true for whoever asks.
  ::testing::AssertionResult WaitForCount(const std::string& expected, const std::string& sql,
                                          const std::vector<std::string>& values = {}) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::string found = Count(sql, values);
    while (found != expected) {
      if (std::chrono::steady_clock::now() >= until) {
        return ::testing::AssertionFailure() << "found " << found << " for " << sql << "\n" << server().output();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      found = Count(sql, values);
    }
    return ::testing::AssertionSuccess();
  }

  ::testing::AssertionResult WaitUntilBegun() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!std::filesystem::exists(working_directory_ + "/begun")) {
      if (std::chrono::steady_clock::now() >= until) {
        return ::testing::AssertionFailure() << server().output();
      }
      std::this_thread::yield();
    }
    return ::testing::AssertionSuccess();
  }

  // As a power cut: then a start without --session. `id_` is that of before.
  void KillAndStart() {
    const std::string before = id_;
    server().Kill();
    StartServer();
    EXPECT_EQ(id_, before) << server().output();
    EXPECT_NE(server().output().find("tutti run --session new"), std::string::npos) << server().output();
  }

  // Lines of the chat as they are stored.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", 300).Take())
        .json()
        .view()["messages"]
        .ForEach([&](JsonView line) {
          if (!line["metadata"]["tool_name"]) {
            lines.emplace_back(line["message"].AsString());
          }
        });
    return lines;
  }

  static constexpr const char* kUnfinished =
      "SELECT count(*) AS n FROM runs_runs WHERE status IN ('queued', 'running', 'waiting')";
  static constexpr const char* kAtWork =
      "SELECT count(*) AS n FROM agents WHERE status IN ('executing', 'waiting') AND NOT archived";
};

TEST_F(Recovery, TurnOfAnAgentGoesOnAndIsCountedOnce) {
  const std::string agent = CreateAgent("builder");
  SayAndWait("command builder work until told");
  ASSERT_TRUE(WaitUntilBegun());
  KillAndStart();
  ASSERT_TRUE(WaitForCount("0", kUnfinished));
  const Json after = FindAgent("builder");
  EXPECT_EQ(after["status"].AsString(), "idle");
  EXPECT_EQ(after["input_tokens"].AsInt(), 7 + 200 + 300);
  EXPECT_EQ(after["output_tokens"].AsInt(), 3 + 20 + 30);
  EXPECT_EQ(Count("SELECT count(*) AS n FROM agent_logs WHERE content = 'told'"), "1");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM prompts"), "1");
  CommandAndWait("builder", "say again");
  EXPECT_EQ(FindAgent("builder")["id"].AsString(), agent);
}

TEST_F(Recovery, CommandsThatWaitedAreDoneInTheirOrder) {
  CreateAgent("builder");
  SayAndWait("command builder work until told");
  ASSERT_TRUE(WaitUntilBegun());
  SayAndWait("command builder say second");
  SayAndWait("command builder say third");
  KillAndStart();
  ASSERT_TRUE(WaitForCount("0", kUnfinished));
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
  std::vector<std::string> said;
  for (const DatabaseView::Row& row :
       Rows("SELECT content FROM agent_logs WHERE event_type = 'text' ORDER BY timestamp")) {
    said.push_back(row.at("content"));
  }
  EXPECT_EQ(said, (std::vector<std::string>{"Ready.", "told", "second", "third"}));
  EXPECT_EQ(FindAgent("builder")["input_tokens"].AsInt(), 7 + 200 + 300 + 11 + 11);
}

TEST_F(Recovery, TurnOfTheChatGoesOnAndItsAnswerArrives) {
  Say("work until told");
  ASSERT_TRUE(WaitUntilBegun());
  KillAndStart();
  ASSERT_TRUE(WaitForCount("0", kUnfinished));
  EXPECT_EQ(Lines(), (std::vector<std::string>{"work until told", "told"}));
  const Json row = Get("/get_orchestrator").json();
  EXPECT_EQ(row["orchestrator"]["input_tokens"].AsInt(), 500);
  EXPECT_EQ(row["orchestrator"]["output_tokens"].AsInt(), 50);
  EXPECT_EQ(row["orchestrator"]["session_id"].AsString(), id_);
  EXPECT_EQ(row["orchestrator"]["metadata"]["system_message_info"]["subtype"].AsString(), "init");
  SayAndWait("say again");
  EXPECT_EQ(LastLine(), "again");
  EXPECT_EQ(Count("SELECT count(DISTINCT conversation) AS n FROM runs_runs"), "1");
}

TEST_F(Recovery, CompactionThatWaitedIsDoneAfterTheTurn) {
  Say("work until told");
  ASSERT_TRUE(WaitUntilBegun());
  Say("/compact keep it");
  KillAndStart();
  ASSERT_TRUE(WaitForCount("0", kUnfinished));
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 4U) << testing::PrintToString(lines);
  EXPECT_EQ(lines[1], "/compact keep it");
  EXPECT_EQ(lines[2], "told");
  EXPECT_NE(lines[3].find("the summary of it"), std::string::npos) << lines[3];
  EXPECT_EQ(Get("/get_orchestrator").json()["orchestrator"]["input_tokens"].AsInt(-1), 0);
}

TEST_F(Recovery, ClearedSessionStaysCleared) {
  SayAndWait("say one");
  Say("/clear");
  const std::string session(Get("/get_orchestrator").json()["orchestrator"]["session_id"].AsString());
  EXPECT_NE(session, id_);
  Say("work until told");
  ASSERT_TRUE(WaitUntilBegun());
  KillAndStart();
  ASSERT_TRUE(WaitForCount("0", kUnfinished));
  EXPECT_EQ(Get("/get_orchestrator").json()["orchestrator"]["session_id"].AsString(), session);
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_runs WHERE conversation = ?", {session}), "1");
}

TEST_F(Recovery, NewSessionBeginsOnDemandAndTheOldWorkIsDoneAllTheSame) {
  CreateAgent("builder");
  SayAndWait("command builder work until told");
  ASSERT_TRUE(WaitUntilBegun());
  const std::string before = id_;
  server().Kill();
  StartServer("new");
  EXPECT_NE(id_, before);
  EXPECT_EQ(Get("/list_agents").json()["agents"].size(), 0U);
  ASSERT_TRUE(WaitForCount("0", kUnfinished));
  EXPECT_EQ(Count(kAtWork), "0");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM agent_logs WHERE content = 'told'"), "1");
  SayAndWait("say hello");
  EXPECT_EQ(LastLine(), "hello");
}

TEST_F(Recovery, AgentWhoseRunIsGoneIsIdleAfterAStartOfAnySession) {
  CreateAgent("builder");
  EXPECT_EQ(server().Stop(), 0) << server().output();
  Execute("UPDATE agents SET status = 'executing'");
  StartServer();
  EXPECT_EQ(Count(kAtWork), "0");
}

TEST_F(Recovery, OrderlyStopSuspendsAndTheNextStartGoesOn) {
  CreateAgent("builder");
  SayAndWait("command builder work until told");
  ASSERT_TRUE(WaitUntilBegun());
  const std::string before = id_;
  EXPECT_EQ(server().Stop(), 0) << server().output();
  StartServer();
  EXPECT_EQ(id_, before);
  ASSERT_TRUE(WaitForCount("0", kUnfinished));
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
  EXPECT_EQ(FindAgent("builder")["input_tokens"].AsInt(), 7 + 200 + 300);
}

TEST_F(Recovery, CommandThatWasCutOffIsTold) {
  SayAndWait("/help");
  EXPECT_EQ(server().Stop(), 0) << server().output();
  Execute("UPDATE orchestrator_chat SET metadata = '{\"is_open\":true}' WHERE message = '/help'");
  for (int start = 0; start < 2; ++start) {
    StartServer(id_);
    ASSERT_TRUE(WaitForCount("1", "SELECT count(*) AS n FROM orchestrator_chat WHERE message LIKE '%is unknown%'"));
    EXPECT_EQ(server().Stop(), 0) << server().output();
  }
  StartServer(id_);
  EXPECT_NE(Lines().back().find("`/help`"), std::string::npos) << Lines().back();
}

TEST_F(Recovery, WhatWasStoppedDoesNotBeginAgain) {
  CreateAgent("builder");
  SayAndWait("command builder work until told");
  ASSERT_TRUE(WaitUntilBegun());
  SayAndWait("command builder say never");
  SayAndWait("/stop all");
  EXPECT_NE(LastLine().find("Stopped everything: 2 turn(s)"), std::string::npos) << LastLine();
  EXPECT_EQ(Count(kUnfinished), "0");
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
  const std::string before = id_;
  server().Kill();
  StartServer(before);
  EXPECT_EQ(Count(kUnfinished), "0");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM agent_logs WHERE content IN ('told', 'never')"), "0");
  CommandAndWait("builder", "say again");
}

}  // namespace
}  // namespace tutti::test
