#include "host/cli/chat_watch.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

constexpr const char* kEcho = R"({"type":"orchestrator_chat","message":{"sender_type":"user","message":"do it"}})";
constexpr const char* kTyping = R"({"type":"chat_typing","is_typing":true})";
constexpr const char* kNotTyping = R"({"type":"chat_typing","is_typing":false})";
constexpr const char* kComplete = R"({"type":"chat_stream","chunk":"","is_complete":true})";
constexpr const char* kError = R"({"type":"error","message":"failed","details":{"error":"no credit"}})";

TEST(ChatWatch, PrintsEveryKindOfMessage) {
  struct Case {
    const char* json;
    const char* line;
  };

  ChatWatch watch("do it", false);
  for (
      const Case& c : {
          Case{R"({"type":"connection_established","message":"hi"})", ""},
          {kEcho, ""},
          {R"({"type":"orchestrator_chat","message":{"sender_type":"user","message":"from elsewhere"}})",
           "> from elsewhere\n"},
          {R"({"type":"thinking_block","data":{"thinking":"hmm"}})", "(thinking) hmm\n"},
          {R"({"type":"tool_use_block","data":{"tool_name":"mcp__mgmt__create_agent","tool_input":{"name":"scout"}}})",
           "* create_agent {\"name\":\"scout\"}\n"},
          {R"({"type":"agent_created","agent":{"id":"1","name":"scout","model":"m"}})", "+ agent scout (m)\n"},
          {R"({"type":"agent_status_changed","agent_id":"1","old_status":"idle","new_status":"executing"})",
           "[scout] is executing\n"},
          {R"({"type":"agent_log","log":{"agent_id":"1","agent_name":"scout","event_type":"TextBlock","payload":{"text":"t"}}})",
           "[scout] t\n"},
          {R"({"type":"agent_log","log":{"agent_id":"1","agent_name":"scout","event_type":"ThinkingBlock","payload":{"thinking":"t"}}})",
           "[scout] (thinking) t\n"},
          {R"({"type":"agent_log","log":{"agent_id":"1","agent_name":"scout","event_type":"ToolUseBlock","payload":{"tool_name":"Read","tool_input":{}}}})",
           "[scout] * Read {}\n"},
          {R"({"type":"agent_log","log":{"agent_id":"1","agent_name":"scout","event_type":"PreToolUse","content":"x"}})",
           ""},
          {R"({"type":"agent_log","log":{"agent_id":"1","agent_name":"scout","event_type":"PostToolUse","content":"Tool result: Read"}})",
           "[scout] Tool result: Read\n"},
          {R"({"type":"orchestrator_chat","message":{"sender_type":"orchestrator","message":"done"}})", "done\n"},
          {R"({"type":"system_log","data":{"message":"interrupted"}})", "interrupted\n"},
          {R"({"type":"agent_deleted","agent_id":"1"})", "- agent scout\n"},
          {R"({"type":"something_new"})", ""},
          {"no json", ""},
      }) {
    EXPECT_EQ(watch.Take(c.json), c.line) << c.json;
  }
  EXPECT_TRUE(watch.is_connected());
}

TEST(ChatWatch, EndsWithTheTurnOfItsOwnMessage) {
  ChatWatch watch("do it", false);
  watch.Take(kTyping);
  watch.Take(kComplete);
  EXPECT_FALSE(watch.is_turn_over()) << "another client's turn";
  watch.Take(kEcho);
  watch.Take(kNotTyping);
  watch.Take(kComplete);
  watch.Take(kError);
  EXPECT_FALSE(watch.is_turn_over()) << "the replaced turn's end";
  watch.Take(kTyping);
  watch.Take(kNotTyping);
  EXPECT_FALSE(watch.is_turn_over());
  watch.Take(kComplete);
  EXPECT_TRUE(watch.is_turn_over());
  EXPECT_FALSE(watch.has_failed());
}

TEST(ChatWatch, AnErrorEndsTheTurnAsFailed) {
  ChatWatch watch("do it", false);
  watch.Take(kEcho);
  watch.Take(kTyping);
  EXPECT_EQ(watch.Take(kError), "error: failed: no credit\n");
  EXPECT_TRUE(watch.is_turn_over());
  EXPECT_TRUE(watch.has_failed());
}

TEST(ChatWatch, KnowsWhichAgentsAreBusy) {
  const auto changed = [](const char* id, const char* status) {
    return std::string(R"({"type":"agent_status_changed","agent_id":")") + id + R"(","new_status":")" + status + "\"}";
  };
  ChatWatch watch("do it", false);
  watch.Take(changed("1", "executing"));
  watch.Take(changed("2", "executing"));
  watch.Take(changed("1", "idle"));
  EXPECT_TRUE(watch.has_busy_agents());
  EXPECT_FALSE(watch.has_failed());
  watch.Take(changed("2", "blocked"));
  EXPECT_FALSE(watch.has_busy_agents());
  EXPECT_TRUE(watch.has_failed());
}

TEST(ChatWatch, ReportsUsageOfTheLastUpdate) {
  ChatWatch watch("do it", false);
  watch.Take(
      R"({"type":"orchestrator_updated","orchestrator":{"input_tokens":5,"output_tokens":7,"total_cost":0.125}})");
  EXPECT_EQ(watch.usage(), "total: $0.1250, 5 tokens in, 7 out");
}

TEST(ChatWatch, DimsOnlyWithColor) {
  ChatWatch watch("do it", true);
  EXPECT_EQ(watch.Take(R"({"type":"thinking_block","data":{"thinking":"hmm"}})"), "\x1b[2m(thinking) hmm\x1b[0m\n");
}

TEST(TerminalText, LetsNoControlCharacterThrough) {
  EXPECT_EQ(TerminalText("a\x1b[31mb\x07\x7f\xC2\x9B"
                         "c\r\n\td\xC3\xBC"),
            "a\xEF\xBF\xBD[31mb\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
            "c\xEF\xBF\xBD\n\td\xC3\xBC");
}

TEST(ChatWatch, AgentsThatWereThereBeforeHaveTheirNames) {
  ChatWatch watch("hi", false);
  watch.Know("61b8550d-0000-4000-8000-000000000000", "scout");
  EXPECT_EQ(watch.Take(R"({"type":"agent_status_changed","agent_id":"61b8550d-0000-4000-8000-000000000000",)"
                       R"("old_status":"idle","new_status":"executing"})"),
            "[scout] is executing\n");
}

}  // namespace
}  // namespace tutti::host
