// The built plugin behind its tables, as a runtime that fires every point would have it called.
#include <gtest/gtest.h>

#include "tutti/sdk/testing/fake_host.hpp"
#include "tutti/sdk/testing/library.hpp"

namespace tutti::recorder {
namespace {

using tutti::testing::CallContext;
using tutti::testing::FakeHost;
using tutti::testing::LoadedPlugin;

CallContext Agent() {
  CallContext context;
  context.run = "run";
  context.agent = "agent";
  context.stream = "stream";
  context.labels = R"({"role":"agent","agent_name":"builder","task_slug":"slug"})";
  return context;
}

TEST(Recorder, EachOfTheSixHookEventsIsOneRowAndOneMessage) {
  FakeHost host;
  LoadedPlugin plugin = tutti::testing::LoadLibrary(host, TUTTI_PLUGIN_LIBRARY);
  ASSERT_TRUE(plugin.Start().ok());

  const struct {
    const char* point;
    const char* payload;
    std::vector<const char*> keys;
  } rows[] = {
      {"UserPromptSubmit", R"({"prompt":"p"})", {"prompt", "prompt_length", "timestamp"}},
      {"PreToolUse",
       R"({"tool_name":"T","tool_input":{"a":1},"tool_use_id":"t"})",
       {"tool_name", "tool_input", "tool_use_id", "timestamp"}},
      {"PostToolUse",
       R"({"tool_name":"T","tool_input":{},"tool_use_id":"t","tool_response":{"content":[]},"is_error":false})",
       {"tool_name", "result", "is_error", "tool_use_id", "timestamp"}},
      {"Stop",
       R"({"reason":"end_turn","num_turns":1,"duration_ms":2})",
       {"reason", "num_turns", "duration_ms", "timestamp"}},
      {"SubagentStop", R"({"subagent_id":"s"})", {"subagent_id", "timestamp"}},
      {"PreCompact", R"({"trigger":"auto","tokens_before":9})", {"tokens_before", "timestamp"}},
  };

  std::uint32_t index = 0;
  for (const auto& expected : rows) {
    const Result<std::string> reply =
        plugin.OnPoint(expected.point, expected.payload, TUTTI_HOOK_RECORD, Agent(), index);
    ASSERT_TRUE(reply.ok()) << expected.point << reply.status().ToString();
    const Json json = std::move(*Json::Parse(*reply));
    ASSERT_EQ(json["ops"].size(), 2U) << expected.point;
    const JsonView row = json["ops"][0]["row"];
    const JsonView log = json["ops"][1]["data"]["log"];
    EXPECT_EQ(row["event_category"].AsString(), "hook");
    EXPECT_EQ(row["event_type"].AsString(), expected.point);
    EXPECT_EQ(log["event_type"].AsString(), expected.point);
    EXPECT_EQ(row["entry_index"].AsInt(), index);
    EXPECT_EQ(log["entry_index"].AsInt(), index);
    EXPECT_EQ(log["payload"].Dump(), row["payload"].Dump());
    for (const char* key : expected.keys) {
      EXPECT_TRUE(static_cast<bool>(row["payload"][key])) << expected.point << " " << key;
    }
    ++index;
  }
}

TEST(Recorder, LeavesTheOrchestratorsOwnRunsAlone) {
  FakeHost host;
  LoadedPlugin plugin = tutti::testing::LoadLibrary(host, TUTTI_PLUGIN_LIBRARY);
  ASSERT_TRUE(plugin.Start().ok());
  CallContext chat = Agent();
  chat.labels = R"({"role":"orchestrator"})";
  for (const char* point : {"SubagentStop", "PreCompact", "Stop"}) {
    EXPECT_EQ(plugin.OnPoint(point, "{}", TUTTI_HOOK_RECORD, chat).status().code(), Code::kOk) << point;
    EXPECT_EQ(*plugin.OnPoint(point, "{}", TUTTI_HOOK_RECORD, chat), "") << point;
    EXPECT_NE(*plugin.OnPoint(point, "{}", TUTTI_HOOK_RECORD, Agent()), "") << point;
  }
}

}  // namespace
}  // namespace tutti::recorder
