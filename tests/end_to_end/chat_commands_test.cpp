// Slash commands typed in the chat and sent to agents, compaction, and new sessions.
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

const std::vector<std::string> kOrder = {"orchestrator_chat", "chat_typing", "orchestrator_chat",
                                         "chat_typing",       "chat_stream", "orchestrator_updated"};

class ChatCommands : public Orchestrator {
 protected:
  std::string Count(const std::string& sql, const std::vector<std::string>& values = {}) {
    return Rows(sql, values).at(0).at("n");
  }

  std::string Runs() { return Count("SELECT count(*) AS n FROM runs_runs"); }

  std::string SessionId() {
    return std::string(Get("/get_orchestrator").json()["orchestrator"]["session_id"].AsString());
  }
};

TEST_F(ChatCommands, O14_TypedCommandIsAnsweredInTheOrderOfATurnWithoutAModel) {
  const int first = SayAndWait("/help");
  EXPECT_EQ(Types(first), kOrder);
  EXPECT_EQ(client().Message(first)["message"]["message"].AsString(), "/help");
  for (const char* command : {"`/agents`", "`/cost`", "`/compact", "`/clear`", "`/interrupt", "`/runs"}) {
    EXPECT_NE(LastLine().find(command), std::string::npos) << command << " in " << LastLine();
  }
  EXPECT_EQ(Runs(), "0");
  const Json chat = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_).Take()).json();
  ASSERT_EQ(chat["messages"].size(), 2U);
  EXPECT_EQ(chat["messages"][0]["message"].AsString(), "/help");
  EXPECT_EQ(chat["messages"][1]["message"].AsString(), LastLine());
}

TEST_F(ChatCommands, EveryCommandOfTheRegistryCanBeTyped) {
  CreateAgent("builder");
  SayAndWait("/agents");
  EXPECT_NE(LastLine().find("builder ("), std::string::npos) << LastLine();
  SayAndWait("/cost");
  EXPECT_NE(LastLine().find("Total cost: $"), std::string::npos) << LastLine();
  SayAndWait("/runs done");
  EXPECT_NE(LastLine().find("| id |"), std::string::npos) << LastLine();
  SayAndWait("/agent builder");
  EXPECT_NE(LastLine().find("builder-greeting"), std::string::npos) << LastLine();
  const int first = static_cast<int>(client().messages().size());
  SayAndWait("/command builder work");
  EXPECT_NE(LastLine().find("dispatched"), std::string::npos) << LastLine();
  EXPECT_GE(WaitForStatus(std::string(FindAgent("builder")["id"].AsString()), "idle", first), 0);
}

TEST_F(ChatCommands, UnknownCommandNamesTheNearestAndStartsNothing) {
  const int first = SayAndWait("/hepl me");
  EXPECT_EQ(Types(first), kOrder);
  EXPECT_NE(LastLine().find("'/hepl'"), std::string::npos) << LastLine();
  EXPECT_NE(LastLine().find("'/help'"), std::string::npos) << LastLine();
  SayAndWait("/run");
  EXPECT_NE(LastLine().find("run"), std::string::npos) << LastLine();
  EXPECT_EQ(Runs(), "0");
}

TEST_F(ChatCommands, TextThatBeginsWithAPathIsNoCommand) {
  SayAndWait("/etc/hosts is a file");
  EXPECT_EQ(LastLine(), "unscripted: /etc/hosts is a file");
}

TEST_F(ChatCommands, CommandDuringATurnDoesNotTouchTheTurn) {
  Say("talk slowly");
  // The turn is announced before its run is stored.
  ASSERT_GE(client().WaitForType("chat_typing"), 0);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (Rows("SELECT id FROM runs_runs WHERE status = 'running'").empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << server().output();
    std::this_thread::yield();
  }
  const int first = static_cast<int>(client().messages().size());
  Say("/help");
  const int answered = client().WaitFor(
      [](JsonView message) {
        return message["message"]["message"].AsString().find("**Commands**") != std::string_view::npos;
      },
      first);
  ASSERT_GE(answered, 0) << server().output();
  const std::vector<std::string> types = Types(first);
  EXPECT_EQ(std::count(types.begin(), types.begin() + (answered - first), "chat_typing"), 0);
  // It is still the running turn that is interrupted.
  Say("/interrupt");
  ASSERT_GE(client().WaitForType("orchestrator_updated", answered), 0);
  EXPECT_EQ(Rows("SELECT status FROM runs_runs").at(0).at("status"), "interrupted");
}

TEST_F(ChatCommands, InterruptOfNothingSaysSo) {
  SayAndWait("/interrupt");
  EXPECT_EQ(LastLine(), "Nothing is running.");
  SayAndWait("/interrupt nobody");
  EXPECT_NE(LastLine().find("nobody"), std::string::npos) << LastLine();
}

TEST_F(ChatCommands, CompactedChatGoesOnFromItsSummaryAlsoAfterARestart) {
  SayAndWait("odd text " + std::string(40000, 'x'));
  const Json before = Get("/get_orchestrator").json();
  EXPECT_GT(before["orchestrator"]["metadata"]["context_tokens"].AsInt(), 10000);
  const int first = SayAndWait("/compact keep the x");
  EXPECT_EQ(Types(first), kOrder);
  EXPECT_NE(LastLine().find("the summary of it"), std::string::npos) << LastLine();
  const Json after = Get("/get_orchestrator").json();
  EXPECT_EQ(after["orchestrator"]["input_tokens"].AsInt(-1), 0);
  EXPECT_EQ(after["orchestrator"]["output_tokens"].AsInt(-1), 0);
  EXPECT_GE(after["orchestrator"]["total_cost"].AsDouble(-1), before["orchestrator"]["total_cost"].AsDouble());
  EXPECT_EQ(after["orchestrator"]["session_id"].AsString(), before["orchestrator"]["session_id"].AsString());
  EXPECT_EQ(server().Stop(), 0) << server().output();
  StartServer(id_);
  SayAndWait("anything");
  EXPECT_EQ(LastLine(), "unscripted: anything");
  // Estimated from what the model was sent.
  EXPECT_LT(Get("/get_orchestrator").json()["orchestrator"]["input_tokens"].AsInt(), 8000);
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_messages WHERE is_summary"), "1");
  EXPECT_EQ(Count("SELECT count(DISTINCT conversation) AS n FROM runs_runs"), "1");
}

TEST_F(ChatCommands, EmptyChatIsNotCompacted) {
  SayAndWait("/compact");
  EXPECT_EQ(LastLine(), "There is nothing to compact yet.");
}

TEST_F(ChatCommands, FullChatIsCompactedBeforeTheNextMessage) {
  SayAndWait("fill up");
  EXPECT_EQ(Get("/get_orchestrator").json()["orchestrator"]["input_tokens"].AsInt(), 170000);
  SayAndWait("say more");
  EXPECT_EQ(LastLine(), "more");
  const Json after = Get("/get_orchestrator").json();
  EXPECT_EQ(after["orchestrator"]["input_tokens"].AsInt(), 11);
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_messages WHERE is_summary"), "1");
  // What the summary cost is part of its run.
  EXPECT_EQ(Count("SELECT max(input_tokens) AS n FROM runs_runs WHERE prompt = 'say more'"), "911");
}

TEST_F(ChatCommands, ClearBeginsANewSessionThatCanBeResumed) {
  SayAndWait("say one");
  const std::string before = SessionId();
  SayAndWait("/clear");
  const std::string session = SessionId();
  EXPECT_NE(session, before);
  EXPECT_NE(LastLine().find(session), std::string::npos) << LastLine();
  EXPECT_EQ(Get("/get_orchestrator").json()["orchestrator"]["input_tokens"].AsInt(-1), 0);
  SayAndWait("say two");
  EXPECT_EQ(Count("SELECT count(DISTINCT conversation) AS n FROM runs_runs"), "2");
  const std::string id = id_;
  EXPECT_EQ(server().Stop(), 0) << server().output();
  StartServer(session);
  EXPECT_EQ(id_, id);
  SayAndWait("say three");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_runs WHERE conversation = ?", {session}), "2");
}

TEST_F(ChatCommands, O45_CompactionOfAnAgentIsARowAMessageAndAReset) {
  const std::string id = CreateAgent("builder");
  CommandAndWait("builder", "work");
  const Json before = FindAgent("builder");
  EXPECT_GT(before["input_tokens"].AsInt(), 0);
  const int first = CommandAndWait("builder", "/compact keep names");
  const Json after = FindAgent("builder");
  EXPECT_EQ(after["input_tokens"].AsInt(-1), 0);
  EXPECT_EQ(after["output_tokens"].AsInt(-1), 0);
  EXPECT_GE(after["total_cost"].AsDouble(-1), before["total_cost"].AsDouble());
  EXPECT_EQ(after["status"].AsString(), "idle");
  EXPECT_EQ(after["session_id"].AsString(), before["session_id"].AsString());

  const int log = client().WaitFor(
      [&](JsonView message) { return message["log"]["event_type"].AsString() == "PreCompact"; }, first);
  ASSERT_GE(log, 0) << server().output();
  EXPECT_EQ(client().Message(log)["log"]["agent_id"].AsString(), id);
  EXPECT_EQ(client().Message(log)["log"]["event_category"].AsString(), "hook");
  EXPECT_GT(client().Message(log)["log"]["payload"]["tokens_before"].AsInt(), 0);
  EXPECT_EQ(Count("SELECT count(*) AS n FROM agent_logs WHERE agent_id = ? AND event_type = 'PreCompact'", {id}), "1");
  const int updated = client().WaitFor(
      [&](JsonView message) {
        return message["type"].AsString() == "agent_updated" && message["agent"]["input_tokens"].AsInt(-1) == 0;
      },
      log);
  EXPECT_GE(updated, 0);
  // The command is kept as it was given.
  EXPECT_EQ(Rows("SELECT prompt_text FROM prompts ORDER BY timestamp DESC LIMIT 1").at(0).at("prompt_text"),
            "/compact keep names");
  CommandAndWait("builder", "work");
  EXPECT_EQ(FindAgent("builder")["input_tokens"].AsInt(), 50);
}

TEST_F(ChatCommands, ClearGivesAnAgentANewSession) {
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  const std::string before(FindAgent("builder")["session_id"].AsString());
  const int first = static_cast<int>(client().messages().size());
  SayAndWait("command builder /clear");
  ASSERT_GE(client().WaitForType("agent_updated", first), 0) << server().output();
  const Json after = FindAgent("builder");
  EXPECT_NE(after["session_id"].AsString(), before);
  EXPECT_EQ(after["input_tokens"].AsInt(-1), 0);
  CommandAndWait("builder", "work");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_runs WHERE conversation = ?",
                  {std::string(after["session_id"].AsString())}),
            "1");
}

TEST_F(ChatCommands, UnknownCommandForAnAgentIsRefusedWithTheNearest) {
  CreateAgent("builder");
  SayAndWait("command builder /compcat");
  EXPECT_TRUE(LastLine().starts_with("tool failed: ")) << LastLine();
  EXPECT_NE(LastLine().find("/compact"), std::string::npos) << LastLine();
  EXPECT_EQ(Count("SELECT count(*) AS n FROM prompts"), "0");
}

}  // namespace
}  // namespace tutti::test
