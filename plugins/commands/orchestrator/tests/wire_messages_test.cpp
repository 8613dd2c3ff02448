#include "wire_messages.h"

#include <gtest/gtest.h>

#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::orchestrator {
namespace {

Json Parsed(const std::string& text) {
  Result<Json> json = Json::Parse(text);
  EXPECT_TRUE(json.ok()) << text;
  return std::move(*json);
}

std::vector<std::string> Keys(JsonView object) {
  std::vector<std::string> keys;
  object.ForEachMember([&](std::string_view key, JsonView) { keys.emplace_back(key); });
  return keys;
}

using Names = std::vector<std::string>;

constexpr BlockLine kLine{.id = "row", .orchestrator = "orc", .time = "2025-11-20T10:15:30.000000+00:00"};

TEST(WireMessages, EachHasItsTypeAndATimeWithOffset) {
  const std::pair<const char*, std::string> messages[] = {
      {"connection_established", wire::ConnectionEstablished("7")},
      {"orchestrator_chat", wire::OrchestratorChat({.id = "i", .metadata = "{}", .time = kLine.time})},
      {"chat_typing", wire::ChatTyping("orc", true)},
      {"chat_stream", wire::ChatStreamEnd()},
      {"thinking_block", wire::ThinkingBlock(kLine, "hm")},
      {"tool_use_block", wire::ToolUseBlock(kLine, "Bash", "{}", "t")},
      {"system_log", wire::SystemLog("WARNING", "x")},
      {"error", wire::Error("x")},
      {"orchestrator_updated", wire::OrchestratorUpdated("orc")},
      {"agent_updated", wire::AgentUpdated("a")},
      {"agent_status_changed", wire::AgentStatusChanged("a", "idle", "executing")},
      {"agent_created", wire::AgentCreated("a", "builder", "m")},
      {"agent_deleted", wire::AgentDeleted("a")},
  };
  for (const auto& [type, text] : messages) {
    const Json message = Parsed(text);
    EXPECT_EQ(message["type"].AsString(), type);
    EXPECT_TRUE(message["timestamp"].AsString().ends_with("+00:00")) << text;
  }
}

TEST(WireMessages, ChatLineIsUnderMessage) {
  const Json message = Parsed(wire::OrchestratorChat({.id = "i",
                                                      .orchestrator = "orc",
                                                      .sender = "user",
                                                      .receiver = "orchestrator",
                                                      .text = "<b>\"hi\"</b> [/x]",
                                                      .metadata = "{}",
                                                      .time = kLine.time}));
  EXPECT_EQ(Keys(message["message"]), (Names{"id", "orchestrator_agent_id", "sender_type", "receiver_type", "message",
                                             "agent_id", "metadata", "timestamp"}));
  EXPECT_EQ(message["message"]["message"].AsString(), "<b>\"hi\"</b> [/x]");
  EXPECT_TRUE(message["message"]["agent_id"].is_null());
}

TEST(WireMessages, BlocksAreUnderData) {
  EXPECT_EQ(Keys(Parsed(wire::ThinkingBlock(kLine, "hm"))["data"]),
            (Names{"id", "orchestrator_agent_id", "thinking", "timestamp"}));
  EXPECT_EQ(Keys(Parsed(wire::ToolUseBlock(kLine, "Bash", R"({"command":"ls"})", "t"))["data"]),
            (Names{"id", "orchestrator_agent_id", "tool_name", "tool_input", "tool_use_id", "timestamp"}));
}

TEST(WireMessages, OtherShapesAreTheCatalogues) {
  EXPECT_EQ(Parsed(wire::ChatTyping("orc", false))["is_typing"].AsBool(true), false);
  EXPECT_TRUE(Parsed(wire::ChatStreamEnd())["is_complete"].AsBool());
  EXPECT_EQ(Parsed(wire::Error("why"))["details"]["error"].AsString(), "why");
  EXPECT_EQ(Parsed(wire::Error("why"))["message"].AsString(), "Orchestrator execution failed");
  EXPECT_EQ(Keys(Parsed(wire::SystemLog("WARNING", "x"))["data"]), (Names{"level", "message", "timestamp"}));
  EXPECT_EQ(Keys(Parsed(wire::OrchestratorUpdated("orc"))["orchestrator"]),
            (Names{"id", "input_tokens", "output_tokens", "total_cost", "updated_at"}));
  EXPECT_EQ(Keys(Parsed(wire::AgentUpdated("a"))["agent"]), (Names{"input_tokens", "output_tokens", "total_cost"}));
  EXPECT_EQ(Keys(Parsed(wire::AgentCreated("a", "builder", "m"))["agent"]), (Names{"id", "name", "model", "status"}));
  EXPECT_EQ(Parsed(wire::ConnectionEstablished("7"))["client_id"].AsString(), "client_7");
}

}  // namespace
}  // namespace tutti::orchestrator
