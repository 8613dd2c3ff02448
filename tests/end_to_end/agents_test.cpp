// Creating, commanding, interrupting and deleting agents.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/end_to_end/script.h"

namespace tutti::test {
namespace {

std::string Count(const std::vector<DatabaseView::Row>& rows) {
  return rows.at(0).at("n");
}

TEST_F(Orchestrator, O22_CreatedAgentGreetsAndIsAnnounced) {
  const std::string older = CreateAgent("older");
  const int first = SayAndWait("create builder");
  const Json agent = FindAgent("builder");
  const std::string id(agent["id"].AsString());
  ASSERT_FALSE(id.empty()) << LastLine();
  EXPECT_EQ(agent["status"].AsString(), "idle");
  EXPECT_FALSE(agent["session_id"].AsString().empty());
  EXPECT_EQ(agent["orchestrator_agent_id"].AsString(), id_);
  EXPECT_EQ(agent["working_dir"].AsString(), working_directory_);
  EXPECT_EQ(agent["archived"].AsBool(true), false);
  EXPECT_EQ(agent["input_tokens"].AsInt(), 7);
  EXPECT_GT(agent["log_count"].AsInt(), 0);
  EXPECT_EQ(Get("/list_agents").json()["agents"][0]["name"].AsString(), "builder");

  const int tool_use = client().WaitForType("tool_use_block", first);
  const int log = client().WaitForType("agent_log", tool_use);
  const int created = client().WaitForType("agent_created", log);
  ASSERT_GE(created, 0);
  EXPECT_EQ(client().Message(created)["agent"]["name"].AsString(), "builder");
  EXPECT_EQ(client().Message(log)["log"]["task_slug"].AsString(), "builder-greeting");
  EXPECT_EQ(client().WaitFor(
                [&](JsonView message) {
                  return message["type"].AsString() == "agent_log" &&
                         message["log"]["payload"]["text"].AsString() == "Ready.";
                },
                first) < created,
            true);
  EXPECT_NE(LastLine().find("ID: " + id), std::string::npos) << LastLine();
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM prompts")), "0");
}

TEST_F(Orchestrator, O23_AgentThatCannotBeCreatedLeavesNothing) {
  CreateAgent("taken");
  const std::pair<const char*, const char*> cases[] = {
      {"create taken", "already used"},
      {"create nameless", "name"},
      {"create promptless builder", "subagent_template"},
      {"create builder from nothing", "no templates"},
  };
  for (const auto& [request, expected] : cases) {
    const int first = SayAndWait(request);
    EXPECT_TRUE(LastLine().starts_with("tool failed: ")) << request << ": " << LastLine();
    EXPECT_NE(LastLine().find(expected), std::string::npos) << request << ": " << LastLine();
    const std::vector<std::string> types = Types(first);
    EXPECT_EQ(std::count(types.begin(), types.end(), "agent_created"), 0) << request;
  }
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM agents")), "1");
}

TEST_F(Orchestrator, O23_FailedGreetingFreesTheName) {
  const int first = SayAndWait("create doomed");
  EXPECT_TRUE(LastLine().starts_with("tool failed: ")) << LastLine();
  EXPECT_NE(LastLine().find("scripted failure of the greeting"), std::string::npos) << LastLine();
  const std::vector<std::string> types = Types(first);
  EXPECT_EQ(std::count(types.begin(), types.end(), "agent_created"), 0);
  EXPECT_EQ(Get("/list_agents").json()["agents"].size(), 0U);
  SayAndWait("create doomed");
  EXPECT_EQ(LastLine().find("already used"), std::string::npos) << LastLine();
}

TEST_F(Orchestrator, O9_TemplatesAreListedAsTheyAreAndBrokenOnesBreakNothing) {
  EXPECT_EQ(Get("/get_orchestrator").json()["agent_templates"].size(), 0U);
  WriteTemplate("scout.md", "name: scout\ndescription: Looks around\ntools: Read, Grep");
  WriteTemplate("builder.md", "name: builder\ndescription: Builds\ntools: [Read, Write]");
  WriteTemplate("anything.md", "name: anything\ndescription: Has the default tools");
  WriteTemplate("broken.md", "name: broken");
  EXPECT_EQ(Get("/get_orchestrator").json()["agent_templates"].Dump(),
            R"([{"name":"anything","description":"Has the default tools"},{"name":"builder","description":"Builds"},)"
            R"({"name":"scout","description":"Looks around"}])");
  SayAndWait("create lookout from sctou");
  EXPECT_NE(LastLine().find("available templates: anything, builder, scout."), std::string::npos) << LastLine();
  SayAndWait("create lookout from broken");
  EXPECT_NE(LastLine().find("broken.md:1: expected a text at `description`"), std::string::npos) << LastLine();
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM agents")), "0");
}

TEST_F(Orchestrator, O22_AgentFromATemplateKeepsItsToolsInEveryTurn) {
  WriteTemplate("scout.md", "name: scout\ndescription: d\ntools: Read\nmodel: fast\ncolor: blue");
  SayAndWait("create lookout from scout");
  const Json agent = FindAgent("lookout");
  EXPECT_EQ(agent["metadata"]["template_name"].AsString(), "scout") << LastLine();
  EXPECT_EQ(agent["metadata"]["template_color"].AsString(), "blue");
  EXPECT_EQ(agent["model"].AsString(), "claude-haiku-4-5-20251001");
  EXPECT_EQ(agent["system_prompt"].AsString(), "You are made from scout.md.");
  CommandAndWait("lookout", "work");  // which asks for Glob
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM agent_logs WHERE event_type = 'PreToolUse'")), "0");
  CreateAgent("free");
  CommandAndWait("free", "work");
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM agent_logs WHERE event_type = 'PreToolUse'")), "1");
}

TEST_F(Orchestrator, O24_ModelAliasesResolve) {
  const std::pair<const char*, const char*> cases[] = {
      {"sonnet", "claude-sonnet-4-5-20250929"},
      {"Haiku", "claude-haiku-4-5-20251001"},
      {"fast", "claude-haiku-4-5-20251001"},
      {"my-own-model", "my-own-model"},
  };
  for (const auto& [requested, resolved] : cases) {
    SayAndWait("create agent-" + std::string(requested) + " with " + requested);
    EXPECT_EQ(FindAgent("agent-" + std::string(requested))["model"].AsString(), resolved) << LastLine();
  }
}

TEST_F(Orchestrator, O24_ModelOfTheTemplateWins) {
  WriteTemplate("scout.md", "name: scout\ndescription: d\nmodel: haiku");
  WriteTemplate("plain.md", "name: plain\ndescription: d");
  SayAndWait("create lookout from scout with sonnet");
  EXPECT_EQ(FindAgent("lookout")["model"].AsString(), "claude-haiku-4-5-20251001") << LastLine();
  EXPECT_NE(LastLine().find("Model: claude-haiku-4-5-20251001"), std::string::npos) << LastLine();
  SayAndWait("create other from plain with my-own-model");
  EXPECT_EQ(FindAgent("other")["model"].AsString(), "my-own-model") << LastLine();
}

TEST_F(Orchestrator, O25_CommandReturnsAtOnceAndTheStatusFollows) {
  const std::string id = CreateAgent("builder");
  const int first = static_cast<int>(client().messages().size());
  SayAndWait("command builder talk slowly");
  EXPECT_NE(LastLine().find("dispatched"), std::string::npos) << LastLine();
  const int executing = WaitForStatus(id, "executing", first);
  ASSERT_GE(executing, 0);
  EXPECT_EQ(client().Message(executing)["old_status"].AsString(), "idle");
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "executing");
  SayAndWait("interrupt builder");
  const int idle = WaitForStatus(id, "idle", executing);
  ASSERT_GE(idle, 0);
  EXPECT_EQ(client().Message(idle)["old_status"].AsString(), "executing");
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
}

TEST_F(Orchestrator, O26_CommandForAnUnknownAgentChangesNothing) {
  const int first = SayAndWait("command nobody work");
  EXPECT_TRUE(LastLine().starts_with("tool failed: ")) << LastLine();
  EXPECT_NE(LastLine().find("not found"), std::string::npos) << LastLine();
  const std::vector<std::string> types = Types(first);
  EXPECT_EQ(std::count(types.begin(), types.end(), "agent_status_changed"), 0);
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM prompts")), "0");
}

TEST_F(Orchestrator, O27_CommandStoresOnePromptRow) {
  CreateAgent("builder");
  const std::string session(FindAgent("builder")["session_id"].AsString());
  CommandAndWait("builder", "say Fix the test!");
  const auto rows = Rows("SELECT * FROM prompts");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("author"), "orchestrator_agent");
  EXPECT_EQ(rows[0].at("prompt_text"), "say Fix the test!");
  EXPECT_EQ(rows[0].at("session_id"), session);
  EXPECT_TRUE(rows[0].at("task_slug").starts_with("say-fix-the-test-")) << rows[0].at("task_slug");
  EXPECT_EQ(rows[0].at("task_slug").size(), std::string("say-fix-the-test-20251120-101530").size());
}

TEST_F(Orchestrator, O35_TotalsOfAnAgentAreCumulative) {
  const std::string id = CreateAgent("builder");
  const int first = CommandAndWait("builder", "work");
  const int updated = client().WaitFor(
      [&](JsonView message) {
        return message["type"].AsString() == "agent_updated" && message["agent_id"].AsString() == id;
      },
      first);
  ASSERT_GE(updated, 0);
  EXPECT_EQ(client().Message(updated)["agent"]["input_tokens"].AsInt(), 57);
  EXPECT_EQ(client().Message(updated)["agent"]["output_tokens"].AsInt(), 13);
  EXPECT_EQ(FindAgent("builder")["input_tokens"].AsInt(), 57);
}

TEST_F(Orchestrator, O36_InterruptEndsTheTurnAndIsNoErrorWhenIdle) {
  const std::string id = CreateAgent("builder");
  SayAndWait("interrupt builder");
  EXPECT_TRUE(LastLine().starts_with("tool said: ")) << LastLine();
  EXPECT_NE(LastLine().find("not currently running"), std::string::npos) << LastLine();

  const int first = static_cast<int>(client().messages().size());
  SayAndWait("command builder talk slowly");
  ASSERT_GE(WaitForStatus(id, "executing", first), 0);
  const int second = SayAndWait("interrupt builder");
  EXPECT_NE(LastLine().find("Interrupted"), std::string::npos) << LastLine();
  // It was acknowledged only when the turn had ended.
  const int idle = WaitForStatus(id, "idle", first);
  const int said = client().WaitFor(
      [](JsonView message) {
        return message["message"]["message"].AsString().find("Interrupted") != std::string_view::npos;
      },
      second);
  ASSERT_GE(idle, 0);
  EXPECT_LT(idle, said);
  CommandAndWait("builder", "work");
}

TEST_F(Orchestrator, O37_FailedTurnBlocksTheAgentUntilTheNext) {
  const std::string id = CreateAgent("builder");
  const int first = CommandAndWait("builder", "break");
  EXPECT_GE(WaitForStatus(id, "blocked", first), 0);
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "blocked");
  const int second = CommandAndWait("builder", "work");
  const int executing = WaitForStatus(id, "executing", second);
  EXPECT_EQ(client().Message(executing)["old_status"].AsString(), "blocked");
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
}

TEST_F(Orchestrator, O38_DeletedAgentVanishesItsLogsStayItsNameIsFree) {
  const std::string id = CreateAgent("builder");
  WebSocketClient second(server().port());
  ASSERT_EQ(second.WaitForType("connection_established"), 0);
  const int first = static_cast<int>(client().messages().size());
  SayAndWait("command builder talk slowly");
  ASSERT_GE(WaitForStatus(id, "executing", first), 0);
  SayAndWait("delete builder");
  // It was stopped before it went.
  const int idle = WaitForStatus(id, "idle", first);
  const int deleted = client().WaitForType("agent_deleted", first);
  ASSERT_GE(idle, 0);
  EXPECT_LT(idle, deleted);
  EXPECT_GE(second.WaitForType("agent_deleted"), 0);
  EXPECT_TRUE(FindAgent("builder").view().is_null());
  bool has_logs = false;
  const Json events = Get("/get_events?event_types=agent_logs&limit=300").json();
  events["events"].ForEach([&](JsonView event) { has_logs |= event["agent_id"].AsString() == id; });
  EXPECT_TRUE(has_logs);
  EXPECT_NE(CreateAgent("builder"), id);
}

TEST_F(Orchestrator, O39_SecondCommandResumesTheSession) {
  const std::string id = CreateAgent("builder");
  const std::string session(FindAgent("builder")["session_id"].AsString());
  CommandAndWait("builder", "work");
  CommandAndWait("builder", "say again");
  EXPECT_EQ(FindAgent("builder")["session_id"].AsString(), session);
  const auto messages = Rows(
      "SELECT conversation, number, role FROM runs_messages WHERE run IN "
      "(SELECT id FROM runs_runs WHERE agent = ?) ORDER BY number",
      {id});
  ASSERT_EQ(messages.size(), 8U);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].at("conversation"), session);
    EXPECT_EQ(messages[i].at("number"), std::to_string(i));
  }
}

TEST_F(Orchestrator, CommandsToABusyAgentWaitInOrder) {
  const std::string id = CreateAgent("builder");
  const int first = static_cast<int>(client().messages().size());
  SayAndWait("command builder talk slowly");
  ASSERT_GE(WaitForStatus(id, "executing", first), 0);
  SayAndWait("command builder work");
  SayAndWait("command builder say last");
  const int last =
      client().WaitFor([](JsonView message) { return message["log"]["payload"]["text"].AsString() == "last"; }, first);
  ASSERT_GE(last, 0) << server().output();
  ASSERT_GE(WaitForStatus(id, "idle", last), 0);
  std::vector<std::string> statuses;
  for (const std::string& text : client().messages()) {
    const Json message = std::move(*Json::Parse(text));
    if (message["type"].AsString() == "agent_status_changed") {
      statuses.emplace_back(message["new_status"].AsString());
    }
  }
  EXPECT_EQ(statuses, (std::vector<std::string>{"executing", "idle", "executing", "idle", "executing", "idle"}));
}

TEST_F(Orchestrator, O48_TwentyAgentsAtOnceEachInItsOwnOrder) {
  SayAndWait("create everybody");
  const Json agents = Get("/list_agents").json();
  ASSERT_EQ(agents["agents"].size(), static_cast<std::size_t>(kCrowd)) << LastLine() << server().output();
  const int first = SayAndWait("command everybody");
  int last = first;
  agents["agents"].ForEach([&](JsonView agent) {
    const int idle = WaitForStatus(std::string(agent["id"].AsString()), "idle", first);
    ASSERT_GE(idle, 0) << agent["name"].AsString() << server().output();
    last = std::max(last, idle);
  });

  std::map<std::string, std::vector<std::string>> types;
  std::map<std::string, std::int64_t> index;
  int executing = 0;
  int most_executing = 0;
  for (int i = first; i <= last; ++i) {
    const Json message = client().Message(i);
    if (message["type"].AsString() == "agent_status_changed") {
      executing += message["new_status"].AsString() == "executing" ? 1 : -1;
      most_executing = std::max(most_executing, executing);
    }
    if (message["type"].AsString() != "agent_log") {
      continue;
    }
    const JsonView log = message["log"];
    const std::string agent(log["agent_name"].AsString());
    types[agent].emplace_back(log["event_type"].AsString());
    EXPECT_EQ(index.contains(agent) ? index[agent] < log["entry_index"].AsInt() : log["entry_index"].AsInt() == 0,
              true);
    index[agent] = log["entry_index"].AsInt();
  }
  EXPECT_GT(most_executing, 1);
  EXPECT_EQ(executing, 0);
  ASSERT_EQ(types.size(), static_cast<std::size_t>(kCrowd));
  for (const auto& [agent, seen] : types) {
    EXPECT_EQ(seen, (std::vector<std::string>{"UserPromptSubmit", "ThinkingBlock", "TextBlock", "ToolUseBlock",
                                              "PreToolUse", "PostToolUse", "TextBlock", "Stop"}))
        << agent;
  }
}

TEST_F(Orchestrator, O40_CheckAgentStatusTellsTheLatestTask) {
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  SayAndWait("check builder");
  EXPECT_NE(LastLine().find("Task: work-"), std::string::npos) << LastLine();
  EXPECT_NE(LastLine().find("worked"), std::string::npos) << LastLine();
  EXPECT_EQ(LastLine().find("builder-greeting"), std::string::npos) << LastLine();
  EXPECT_EQ(LastLine().find(R"("tool_use_id")"), std::string::npos) << LastLine();

  SayAndWait("check all of builder");
  EXPECT_NE(LastLine().find(R"("tool_use_id")"), std::string::npos) << LastLine();
  EXPECT_NE(LastLine().find("[thinking] how to begin"), std::string::npos) << LastLine();
}

TEST_F(Orchestrator, O40_TailAndOffsetPageBackwardsOldestFirst) {
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  const auto names = [this](const std::string& request) {
    SayAndWait(request);
    std::vector<std::string> found;
    std::istringstream lines(LastLine());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("[")) {
        found.push_back(line.substr(1, line.find(']') - 1));
      }
    }
    return found;
  };
  EXPECT_EQ(names("check builder"), (std::vector<std::string>{"UserPromptSubmit", "thinking", "text", "tool_use",
                                                              "PreToolUse", "PostToolUse", "text", "Stop"}));
  EXPECT_EQ(names("check the end of builder"), (std::vector<std::string>{"text", "Stop"}));
  EXPECT_EQ(names("check before the end of builder"), (std::vector<std::string>{"PreToolUse", "PostToolUse"}));
}

TEST_F(Orchestrator, O41_SystemLogsAreFilteredByTextAndLevelNewestFirst) {
  SayAndWait("think and list");
  SayAndWait("find log PONDER");
  EXPECT_NE(LastLine().find("pondering"), std::string::npos) << LastLine();
  EXPECT_EQ(LastLine().find("Tool use: "), std::string::npos) << LastLine();
  // A wildcard of SQL is a character like any other.
  SayAndWait("find log %");
  EXPECT_NE(LastLine().find("No system logs found"), std::string::npos) << LastLine();
  SayAndWait("find error logs");
  EXPECT_NE(LastLine().find("No system logs found"), std::string::npos) << LastLine();
  SayAndWait("find info logs");
  const std::string all = LastLine();
  const std::size_t newest = all.find("Tool use: mcp__mgmt__read_system_logs");
  const std::size_t older = all.find("Tool use: mcp__mgmt__list_agents");
  const std::size_t oldest = all.find("Thinking: pondering");
  ASSERT_NE(newest, std::string::npos) << all;
  ASSERT_NE(oldest, std::string::npos) << all;
  EXPECT_LT(newest, older) << all;
  EXPECT_LT(older, oldest) << all;
}

TEST_F(Orchestrator, O41_ReportCostEqualsTheRowAndWarnsFromEightyPercent) {
  SayAndWait("cost");
  EXPECT_NE(LastLine().find("Session: not set"), std::string::npos) << LastLine();
  SayAndWait("spend much");
  const Json before = Get("/get_orchestrator").json();
  const std::int64_t input = before["orchestrator"]["input_tokens"].AsInt();
  const std::int64_t output = before["orchestrator"]["output_tokens"].AsInt();
  ASSERT_GT(input + output, 160000);
  SayAndWait("cost");
  const std::string report = LastLine();
  EXPECT_NE(report.find("Session: " + std::string(before["orchestrator"]["session_id"].AsString())), std::string::npos)
      << report;
  EXPECT_NE(report.find("Total cost: $0.0000"), std::string::npos) << report;
  EXPECT_NE(report.find("Total tokens: " + std::to_string((input + output) / 1000) + ","), std::string::npos) << report;
  EXPECT_NE(report.find("Warning"), std::string::npos) << report;
}

}  // namespace
}  // namespace tutti::test
