#include "agent_log.h"

#include <gtest/gtest.h>

#include "tutti/sdk/text.hpp"

namespace tutti::recorder {
namespace {

constexpr std::int64_t kTime = 1763633730123456;  // 2025-11-20T10:15:30.123456+00:00

AgentLog Log(std::string_view point, std::string_view payload) {
  const Result<Json> json = Json::Parse(payload);
  EXPECT_TRUE(json.ok()) << payload;
  auto log = AgentLog::FromPoint(point, json->view(), 4, kTime);
  EXPECT_TRUE(log.has_value()) << point;
  return log.value_or(AgentLog{});
}

struct Row {
  const char* point;
  const char* payload;
  const char* category;
  const char* stored_type;
  const char* content;
  const char* stored_content;  // nullptr: null
  const char* summary;
};

TEST(AgentLog, ContentsAreThoseOfTheCatalogue) {
  const Row rows[] = {
      {"TextBlock", R"({"text":"hi","id":"x"})", "response", "text", "hi", "hi", "hi"},
      {"ThinkingBlock", R"({"thinking":"hm","id":"x"})", "response", "thinking", "hm", "hm", "[Agent is thinking]"},
      {"ToolUseBlock", R"({"tool_name":"Read","tool_input":{},"tool_use_id":"t","id":"x"})", "response", "tool_use",
       "[Tool] Read", nullptr, "Using tool: Read"},
      {"PreToolUse", R"({"tool_name":"Read","tool_input":{},"tool_use_id":"t"})", "hook", "PreToolUse",
       "Using tool: Read", "Using tool: Read", "Using tool: Read"},
      {"PostToolUse", R"({"tool_name":"Read","tool_use_id":"t"})", "hook", "PostToolUse", "Tool result: Read",
       "Completed tool: Read", "Completed tool: Read"},
      {"UserPromptSubmit", R"({"prompt":"do it"})", "hook", "UserPromptSubmit", "User prompt: do it",
       "User prompt: do it", "User: do it"},
      {"Stop", R"({"reason":"end_turn","num_turns":3,"duration_ms":12})", "hook", "Stop", "Agent stopped: end_turn",
       "Agent stopped: end_turn", "Stopped after 3 turns"},
      {"SubagentStop", R"({"subagent_id":"scout-1"})", "hook", "SubagentStop", "Subagent scout-1 completed",
       "Subagent scout-1 completed", "Subagent completed"},
      {"SubagentStop", R"({})", "hook", "SubagentStop", "Subagent unknown completed", "Subagent unknown completed",
       "Subagent completed"},
      {"PreCompact", R"({"trigger":"auto","tokens_before":160000})", "hook", "PreCompact",
       "Context compaction: 160000 tokens", "Context compaction: 160000 tokens", "Context compaction triggered"},
  };
  for (const Row& row : rows) {
    const AgentLog log = Log(row.point, row.payload);
    EXPECT_EQ(log.category, row.category) << row.point;
    EXPECT_EQ(log.live_type, row.point);
    EXPECT_EQ(log.stored_type, row.stored_type) << row.point;
    EXPECT_EQ(log.live_content, row.content) << row.point;
    EXPECT_EQ(log.summary, row.summary) << row.point;
    EXPECT_EQ(log.stored_content.has_value(), row.stored_content != nullptr) << row.point;
    if (row.stored_content != nullptr) {
      EXPECT_EQ(*log.stored_content, row.stored_content) << row.point;
    }
  }
}

TEST(AgentLog, ToolResultIsItsTextShortened) {
  const std::string text(600, 'a');
  const AgentLog log = Log("PostToolUse", R"({"tool_name":"Bash","tool_use_id":"t","is_error":true,"duration_ms":5,)"
                                          R"("tool_response":{"content":[{"type":"text","text":")" +
                                              text + R"("}]}})");
  const Result<Json> payload = Json::Parse(log.payload);
  EXPECT_EQ((*payload)["result"].AsString().size(), 500U);
  EXPECT_TRUE((*payload)["is_error"].AsBool());
  EXPECT_EQ((*payload)["tool_use_id"].AsString(), "t");
  EXPECT_TRUE((*payload)["timestamp"].is_string());
}

TEST(AgentLog, ToolResultOfEveryFormIsTold) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("plain")", "plain"},
      {R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})", "a\nb"},
      {R"({"content":[{"type":"image","source":{"data":"AAAA"}},{"type":"text","text":"seen"}]})", "[image]\nseen"},
      {R"({"rows":3})", R"({"rows":3})"},
  };
  for (const auto& [response, result] : cases) {
    const AgentLog log =
        Log("PostToolUse", std::string(R"({"tool_name":"T","tool_use_id":"t","tool_response":)") + response + "}");
    EXPECT_EQ((*Json::Parse(log.payload))["result"].AsString(), result) << response;
  }
  for (const char* nothing : {"null", R"("")", R"({"content":[]})"}) {
    const AgentLog log =
        Log("PostToolUse", std::string(R"({"tool_name":"T","tool_use_id":"t","tool_response":)") + nothing + "}");
    const Result<Json> payload = Json::Parse(log.payload);
    EXPECT_TRUE((*payload)["result"] && (*payload)["result"].is_null()) << nothing << log.payload;
  }
}

TEST(AgentLog, FailureOfAToolIsKeptWhereverItStands) {
  const std::pair<const char*, bool> cases[] = {
      {R"({"tool_name":"T","is_error":true,"tool_response":{"content":[]}})", true},
      {R"({"tool_name":"T","tool_response":{"content":[],"is_error":true}})", true},
      {R"({"tool_name":"T","tool_response":{"content":[]}})", false},
      {R"({"tool_name":"T"})", false},
  };
  for (const auto& [payload, is_error] : cases) {
    EXPECT_EQ((*Json::Parse(Log("PostToolUse", payload).payload))["is_error"].AsBool(!is_error), is_error) << payload;
  }
}

TEST(AgentLog, CompactionKeepsItsTokensAndTrigger) {
  const Result<Json> payload = Json::Parse(
      Log("PreCompact", R"({"trigger":"manual","tokens_before":12,"custom_instructions":"keep names"})").payload);
  EXPECT_EQ((*payload)["tokens_before"].AsInt(), 12);
  EXPECT_EQ((*payload)["trigger"].AsString(), "manual");
  EXPECT_EQ((*payload)["custom_instructions"].AsString(), "keep names");
  EXPECT_TRUE((*payload)["timestamp"].is_string());
}

TEST(AgentLog, LongPromptIsCutAtCharactersAndItsLengthKept) {
  std::string prompt;
  for (int i = 0; i < 1200; ++i) {
    prompt += "\xC3\xA9";
  }
  const AgentLog log = Log("UserPromptSubmit", JsonObject()("prompt", prompt).Take());
  const Result<Json> payload = Json::Parse(log.payload);
  EXPECT_EQ((*payload)["prompt"].AsString().size(), 2000U);
  EXPECT_EQ((*payload)["prompt_length"].AsInt(), 1200);
  EXPECT_EQ(log.summary, "User: " + prompt.substr(0, 100) + "...");
}

TEST(AgentLog, OtherPointsAreNotLogged) {
  for (const char* point : {"Message", "model.before", "command.after", ""}) {
    EXPECT_FALSE(AgentLog::FromPoint(point, JsonView(), 0, kTime).has_value()) << point;
  }
}

TEST(AgentLog, RowAndAnnouncementShareIdAndTime) {
  const AgentLog log = Log("TextBlock", R"({"text":"hi","id":"11111111-2222-4333-8444-555555555555"})");
  const Result<Json> ops = Json::Parse(log.Operations(
      {.agent = "agent", .agent_name = "builder", .task_slug = "fix-20251120-101530", .run = "run", .stream = "s"}));
  ASSERT_TRUE(ops.ok());
  ASSERT_EQ(ops->view().size(), 2U);
  const JsonView row = ops->view()[0]["row"];
  EXPECT_EQ(ops->view()[0]["table"].AsString(), "orchestrator.agent_logs");
  EXPECT_EQ(row["entry_index"].AsInt(), 4);
  EXPECT_EQ(row["event_type"].AsString(), "text");
  EXPECT_FALSE(row["summary"]);
  const JsonView append = ops->view()[1];
  EXPECT_EQ(append["op"].AsString(), "append");
  EXPECT_EQ(append["stream"].AsString(), "s");
  EXPECT_EQ(append["type"].AsString(), "agent_log");
  EXPECT_EQ(append["data"]["type"].AsString(), "agent_log");
  const JsonView live = append["data"]["log"];
  EXPECT_EQ(live["id"].AsString(), row["id"].AsString());
  EXPECT_EQ(live["agent_name"].AsString(), "builder");
  EXPECT_EQ(live["event_type"].AsString(), "TextBlock");
  EXPECT_EQ(live["payload"]["text"].AsString(), "hi");
  EXPECT_EQ(live["timestamp"].AsString(), "2025-11-20T10:15:30.123456+00:00");
  EXPECT_EQ(row["timestamp"].AsString(), live["timestamp"].AsString());
}

}  // namespace
}  // namespace tutti::recorder
