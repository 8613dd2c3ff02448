#include "tool_texts.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

Agent Builder() {
  Agent agent;
  agent.id = "5b1e";
  agent.name = "builder";
  agent.model = "m";
  agent.status = "idle";
  agent.input_tokens = 10;
  agent.output_tokens = 220;
  agent.total_cost = 0.0134;
  return agent;
}

void ExpectParts(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" in: " << text;
  }
}

TEST(ToolTexts, ResultCarriesItsFlag) {
  const Result<Json> good = Json::Parse(ToolText("x"));
  EXPECT_EQ((*good)["content"][0]["text"].AsString(), "x");
  EXPECT_FALSE((*good)["is_error"].AsBool(true));
  EXPECT_TRUE((*Json::Parse(ToolError("x")))["is_error"].AsBool());
}

TEST(ToolTexts, SuccessesHoldWhatTheContractNames) {
  ExpectParts(texts::Created(Builder()), {"Created", "builder", "ID: 5b1e", "Session: ", "Model: m"});
  ExpectParts(texts::AgentList({Builder()}),
              {"builder", "5b1e", "Status: idle", "Model: m", "Tokens: 230", "Cost: $0.0134"});
  ExpectParts(texts::AgentList({}), {"no agents"});
  ExpectParts(texts::Dispatched("builder", std::string(150, 'x')),
              {"dispatched", "builder", std::string(100, 'x') + "...", "background"});
  ExpectParts(texts::Interrupted("builder", 3), {"Interrupted", "builder", "2 waiting"});
  ExpectParts(texts::NotRunning("builder"), {"builder", "not currently running"});
  ExpectParts(texts::Deleted("builder"), {"Deleted", "builder"});
}

TEST(ToolTexts, NamesAreChecked) {
  for (const char* name : {"scout", "test-runner", "Ümlaut 2", "a/b"}) {
    EXPECT_FALSE(texts::NameProblem(name).has_value()) << name;
  }
  for (const std::string& name : {std::string(), std::string("two\nlines"), std::string(" x"), std::string("x "),
                                  std::string(65, 'a'), std::string("tab\t")}) {
    EXPECT_TRUE(texts::NameProblem(name).has_value()) << name;
  }
}

TEST(ToolTexts, StatusShowsSummariesOrPayloads) {
  const Result<Json> logs = Json::Parse(R"([
      {"event_type":"text","content":"long story","summary":"short","payload":{"text":"long story"}},
      {"event_type":"tool_use","content":null,"summary":null,"payload":{"tool_name":"Read"}}])");
  ExpectParts(texts::AgentStatus(Builder(), "fix-it", logs->view(), false),
              {"builder", "Task: fix-it", "[text] short", "[tool_use] Read"});
  ExpectParts(texts::AgentStatus(Builder(), "fix-it", logs->view(), true),
              {"[text] long story", R"({"tool_name":"Read"})"});
  ExpectParts(texts::AgentStatus(Builder(), {}, JsonView(), false), {"No recent activity"});
}

TEST(ToolTexts, SystemLogsPreferTheSummary) {
  const Result<Json> rows = Json::Parse(R"([{"timestamp":"t","level":"INFO","message":"m","summary":null},
                                            {"timestamp":"u","level":"ERROR","message":"m","summary":"s"}])");
  ExpectParts(texts::SystemLogs(rows->view(), 50), {"(2, limit 50)", "[t] INFO: m", "[u] ERROR: s"});
  ExpectParts(texts::SystemLogs(JsonView(), 50), {"No system logs found"});
}

TEST(ToolTexts, CostWarnsFromEightyPercent) {
  const Result<Json> low = Json::Parse(R"({"session_id":null,"status":"idle","total_cost":1.5,
                                           "input_tokens":1234567,"output_tokens":0})");
  ExpectParts(texts::Cost(low->view()), {"not set", "$1.5000", "1,234,567", "617.3%", "Warning"});
  const Result<Json> high = Json::Parse(R"({"session_id":"s","input_tokens":100000,"output_tokens":59999})");
  const std::string text = texts::Cost(high->view());
  ExpectParts(text, {"Session: s", "80.0%", "159,999"});
  EXPECT_EQ(text.find("Warning"), std::string::npos);
}

TEST(ToolTexts, CostDetailsNameCachedTokensAndUnknownPrices) {
  const std::string text = texts::CostDetails(R"({"session":"o","runs":[
      {"agent":"o","cache_read_tokens":1000,"cache_write_tokens":2},{"agent":"a","cache_read_tokens":7}],
      "total":{"cost_usd":0.5,"unpriced_calls":3}})",
                                              "o");
  ExpectParts(text, {"1,000 read", "2 written", "$0.5000", "price of 3 model call(s)", "tutti.hooks.cost"});
  const std::string known = texts::CostDetails(R"({"runs":[],"total":{"cost_usd":0,"unpriced_calls":0}})", "o");
  EXPECT_EQ(known.find("Unknown"), std::string::npos) << known;
  EXPECT_EQ(texts::CostDetails("{}", "o"), "");
}

TEST(ToolTexts, SummariesAreReportedApart) {
  ExpectParts(texts::SummaryCost(R"({"spending":[{"calls":2,"cost_usd":0.25,"unpriced_calls":1},
                                                 {"calls":1,"cost_usd":0.25,"unpriced_calls":0}]})"),
              {"apart", "$0.5000", "3 model call(s)", "1 of unknown price"});
  EXPECT_EQ(texts::SummaryCost(R"({"spending":[]})"), "");
  EXPECT_EQ(texts::SummaryCost("{}"), "");
}

TEST(ToolTexts, AnUnknownTemplateIsAnsweredWithThoseThereAre) {
  EXPECT_EQ(texts::UnknownTemplate("x", {}), "Error: template 'x' was not found; no templates are available.");
  EXPECT_EQ(texts::UnknownTemplate("x", {"builder", "scout"}),
            "Error: template 'x' was not found; available templates: builder, scout.");
}

}  // namespace
}  // namespace tutti::orchestrator
