#include "chat_blocks.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

constexpr std::int64_t kTime = 1763633730123456;  // 2025-11-20T10:15:30.123456+00:00

Json Operations(std::string_view point, std::string_view payload) {
  const Result<Json> json = Json::Parse(payload);
  const auto operations = BlockOperations("orc", point, json->view(), kTime);
  EXPECT_TRUE(operations.has_value()) << point;
  return std::move(*Json::Parse(operations.value_or("[]")));
}

TEST(ChatBlocks, TextIsAChatLineAnnouncedWithTheSameId) {
  const Json ops = Operations("TextBlock", R"({"text":"hi","id":"row"})");
  const JsonView row = ops.view()[0]["row"];
  EXPECT_EQ(ops.view()[0]["table"].AsString(), "orchestrator.orchestrator_chat");
  EXPECT_EQ(row["sender_type"].AsString(), "orchestrator");
  EXPECT_EQ(row["receiver_type"].AsString(), "user");
  EXPECT_EQ(row["metadata"].Dump(), R"({"type":"text_chunk"})");
  EXPECT_EQ(row["created_at"].AsString(), "2025-11-20T10:15:30.123456+00:00");
  const JsonView append = ops.view()[1];
  EXPECT_EQ(append["type"].AsString(), "orchestrator_chat");
  EXPECT_EQ(append["stream"].AsString(), "orc");
  EXPECT_EQ(append["data"]["message"]["id"].AsString(), "row");
}

TEST(ChatBlocks, ThinkingAndToolUseAreSystemLogs) {
  const Json thinking = Operations("ThinkingBlock", R"({"thinking":")" + std::string(150, 'x') + R"(","id":"row"})");
  EXPECT_EQ(thinking.view()[0]["table"].AsString(), "orchestrator.system_logs");
  EXPECT_EQ(thinking.view()[0]["row"]["message"].AsString(), "Thinking: " + std::string(100, 'x'));
  EXPECT_EQ(thinking.view()[0]["row"]["metadata"]["type"].AsString(), "thinking_block");
  const Json tool =
      Operations("ToolUseBlock", R"({"tool_name":"Bash","tool_input":{"command":"ls"},"tool_use_id":"t","id":"row"})");
  const JsonView metadata = tool.view()[0]["row"]["metadata"];
  EXPECT_EQ(metadata["type"].AsString(), "tool_use_block");
  EXPECT_EQ(metadata["tool_input"]["command"].AsString(), "ls");
  EXPECT_EQ(metadata["orchestrator_agent_id"].AsString(), "orc");
  EXPECT_EQ(tool.view()[1]["data"]["data"]["tool_use_id"].AsString(), "t");
}

TEST(ChatBlocks, OtherPointsAddNothing) {
  for (const char* point : {"Message", "PreToolUse", "Stop"}) {
    EXPECT_FALSE(BlockOperations("orc", point, JsonView(), kTime).has_value()) << point;
  }
}

}  // namespace
}  // namespace tutti::orchestrator
