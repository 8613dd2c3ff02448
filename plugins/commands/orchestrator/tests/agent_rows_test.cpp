#include "agent_rows.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

Json Parsed(const std::string& batch) {
  Result<Json> json = Json::Parse(batch);
  EXPECT_TRUE(json.ok()) << batch;
  return std::move(*json);
}

Agent Builder() {
  Agent agent;
  agent.id = "a1";
  agent.orchestrator = "o";
  agent.name = "builder";
  agent.model = "m";
  return agent;
}

constexpr AgentKey kKey{.agent = "a1", .stream = "o", .tree = "/o/a1/"};

TurnTotals Totals(const std::string& json) {
  return TurnTotals::Read(Json::Parse(json)->view());
}

TEST(AgentRows, StatusIsAnnouncedWithTheTrueOldOne) {
  Batch begun;
  AddStatus(begun, kKey, "executing");
  const Json batch = Parsed(begun.Take());
  EXPECT_EQ(batch["ops"][0]["set"]["status"].AsString(), "executing");
  const JsonView append = batch["ops"][1];
  EXPECT_EQ(append["stream"].AsString(), "o");
  EXPECT_EQ(append["agent"].AsString(), "a1");
  EXPECT_EQ(append["tree"].AsString(), "/o/a1/");
  EXPECT_EQ(append["data"]["new_status"].AsString(), "executing");
  EXPECT_EQ(append["refs"]["/data/old_status"].AsString(), "agent.rows/0/old/status");
}

TEST(AgentRows, TurnEndsWithTotalsThenStatus) {
  Batch ended;
  AddTurnEnd(ended, kKey, "c1", {.input_tokens = 3, .output_tokens = 4, .cost_usd = 0.5}, "blocked");
  const Json batch = Parsed(ended.Take());
  ASSERT_EQ(batch["ops"].size(), 4U);
  // Tokens count for the conversation that they were used in, the cost for the agent.
  EXPECT_EQ(batch["ops"][0]["where"].Dump(), R"({"id":"a1","or":[{"session_id":"c1"},{"session_id":null}]})");
  EXPECT_EQ(batch["ops"][0]["add"].Dump(), R"({"input_tokens":3,"output_tokens":4})");
  EXPECT_EQ(batch["ops"][0]["set"]["session_id"].AsString(), "c1");
  EXPECT_EQ(batch["ops"][1]["where"].Dump(), R"({"id":"a1"})");
  EXPECT_EQ(batch["ops"][1]["add"].Dump(), R"({"total_cost":0.5})");
  EXPECT_EQ(batch["ops"][2]["type"].AsString(), "agent_updated");
  EXPECT_EQ(batch["ops"][3]["data"]["new_status"].AsString(), "blocked");
}

TEST(AgentRows, TurnWithoutTokensAnnouncesNoTotals) {
  Batch ended;
  AddTurnEnd(ended, kKey, "c1", {}, "idle");
  const Json batch = Parsed(ended.Take());
  ASSERT_EQ(batch["ops"].size(), 3U);
  EXPECT_EQ(batch["ops"][2]["type"].AsString(), "agent_status_changed");
}

TEST(AgentRows, GreetingAnnouncesTheAgentLastAsItsRowSays) {
  Batch ended;
  AddGreetingEnd(ended, kKey, "a1", {.input_tokens = 1});
  const Json batch = Parsed(ended.Take());
  ASSERT_EQ(batch["ops"].size(), 4U);
  EXPECT_EQ(batch["ops"][3]["type"].AsString(), "agent_created");
  EXPECT_EQ(batch["ops"][3]["refs"]["/data/agent/name"].AsString(), "agent.rows/0/new/name");
}

TEST(AgentRows, AgentIsStoredWithItsPlace) {
  Agent agent = Builder();
  Json op = Parsed(InsertAgent(agent).Take());
  EXPECT_EQ(op["row"]["tree"].AsString(), "/o/a1/");
  EXPECT_EQ(op["row"]["depth"].AsInt(), 1);
  EXPECT_TRUE(op["row"]["parent_agent_id"].is_null());
  agent.tree = "/o/above/a1/";
  op = Parsed(InsertAgent(agent).Take());
  EXPECT_EQ(op["row"]["depth"].AsInt(), 2);
  EXPECT_EQ(op["row"]["parent_agent_id"].AsString(), "above");
}

TEST(AgentRows, TotalsComeFromResultsAndFailures) {
  const TurnTotals totals = Totals(R"({"usage":{"input_tokens":5,"cache_read_input_tokens":90},"cost_usd":null})");
  EXPECT_EQ(totals.input_tokens, 5);
  EXPECT_EQ(totals.cost_usd, 0);
  EXPECT_TRUE(totals.has_tokens());
  EXPECT_FALSE(TurnTotals::Read(JsonView()).has_tokens());
}

TEST(AgentRows, RowsOfAQueryBecomeAgents) {
  const auto agents = Agent::FromRows(R"([{"id":"a1","name":"builder","model":"m","status":null,"session_id":null,
      "input_tokens":10,"output_tokens":220,"total_cost":0.0134}])");
  ASSERT_EQ(agents.size(), 1U);
  EXPECT_EQ(agents[0].status, "idle");
  EXPECT_EQ(agents[0].conversation(), "a1");
  EXPECT_EQ(agents[0].total_cost, 0.0134);
}

TEST(AgentRows, WhatTheTemplateAllowsIsKeptWithTheAgent) {
  Agent agent = Builder();
  agent.template_name = "scout";
  agent.template_color = "blue";
  agent.tools = {"Read", "Grep"};
  const Json op = Parsed(InsertAgent(agent).Take());
  EXPECT_EQ(op["row"]["metadata"].Dump(),
            R"({"template_name":"scout","template_color":"blue","template_tools":["Read","Grep"]})");
  const Agent read = Agent::FromRow(op["row"]);
  EXPECT_EQ(read.template_name, "scout");
  EXPECT_EQ(read.tools, agent.tools);
}

TEST(AgentRows, WhatTheTemplateTakesAwayAndItsLimitAreKeptAndHold) {
  Agent agent = Builder();
  agent.template_name = "scout";
  agent.disallowed_tools = {"Write", "mcp__git"};
  agent.max_turns = 3;
  const Json op = Parsed(InsertAgent(agent).Take());
  EXPECT_EQ(op["row"]["metadata"].Dump(),
            R"({"template_name":"scout","template_color":null,)"
            R"("template_disallowed_tools":["Write","mcp__git"],"template_max_turns":3})");
  const Agent read = Agent::FromRow(op["row"]);
  EXPECT_EQ(read.ToolsOfTurn({"Read", "Write", "mcp__git__push", "mcp__github__push"}),
            (std::vector<std::string>{"Read", "mcp__github__push"}));
  EXPECT_EQ(read.TurnLimit(500), 3);
  EXPECT_EQ(read.TurnLimit(2), 2);
  EXPECT_EQ(Builder().TurnLimit(500), 500);
  EXPECT_EQ(Builder().ToolsOfTurn({"Read"}), (std::vector<std::string>{"Read"}));
}

TEST(AgentRows, ATemplateWithoutToolsAndNoTemplateMeanTheDefaultTools) {
  Agent agent = Builder();
  EXPECT_EQ(Parsed(InsertAgent(agent).Take())["row"]["metadata"].Dump(), "{}");
  agent.template_name = "scout";
  const Json op = Parsed(InsertAgent(agent).Take());
  EXPECT_EQ(op["row"]["metadata"].Dump(), R"({"template_name":"scout","template_color":null})");
  EXPECT_EQ(Agent::FromRow(op["row"]).tools, std::nullopt);
}

TEST(AgentRows, CompactionSetsTheTokensAndAddsTheCost) {
  const TurnTotals totals = Totals(
      R"({"usage":{"input_tokens":900,"output_tokens":40},"cost_usd":0.5,"context_tokens":120,"compactions":1,
          "usage_since_compaction":{"input_tokens":30,"output_tokens":4}})");
  EXPECT_EQ(totals.CostToAdd(), R"({"total_cost":0.5})");
  EXPECT_EQ(totals.TokensToAdd(), "");
  JsonObject set;
  EXPECT_TRUE(totals.AddResets(set));
  EXPECT_EQ(set.Take(), R"({"input_tokens":30,"output_tokens":4})");
  JsonObject metadata;
  EXPECT_TRUE(totals.AddContext(metadata));
  EXPECT_EQ(metadata.Take(), R"({"context_tokens":120})");
}

TEST(AgentRows, OrdinaryTurnSetsNothing) {
  const TurnTotals totals = Totals(R"({"usage":{"input_tokens":9,"output_tokens":4},"cost_usd":0.5})");
  JsonObject set;
  EXPECT_FALSE(totals.AddResets(set));
  JsonObject metadata;
  EXPECT_FALSE(totals.AddContext(metadata));
}

TEST(AgentRows, NewSessionKeepsTheCostAndIsAnnounced) {
  Batch begun;
  AddNewSession(begun, Builder(), "new");
  const Json batch = Parsed(begun.Take());
  const JsonView update = batch["ops"][0];
  EXPECT_EQ(update["set"]["session_id"].AsString(), "new");
  EXPECT_EQ(update["set"]["input_tokens"].AsInt(-1), 0);
  EXPECT_FALSE(update["set"]["total_cost"]);
  EXPECT_EQ(update["expect"]["code"].AsString(), "NOT_FOUND");
  EXPECT_EQ(batch["ops"][1]["type"].AsString(), "agent_updated");
}

}  // namespace
}  // namespace tutti::orchestrator
