#include "message_assembler.h"

#include <gtest/gtest.h>

#include "tests/support/fake_anthropic/message_stream.h"
#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

constexpr const char* kStart =
    R"({"type":"message_start","message":{"model":"m","usage":{"input_tokens":12,"output_tokens":1,)"
    R"("cache_read_input_tokens":100}}})";
constexpr const char* kStop = R"({"type":"message_stop"})";

struct Assembled {
  std::vector<std::string> emitted;
  std::optional<Failure> failure;
  std::optional<Message> message;
  Status refused;
};

Assembled Assemble(const std::vector<std::string>& events) {
  Assembled assembled;
  MessageAssembler assembler([&](const std::string& event) {
    assembled.emitted.push_back(event);
    return Status();
  });
  for (const auto& event : events) {
    assembled.failure = assembler.Add(event, "req_1");
    if (assembled.failure) {
      return assembled;
    }
  }
  EXPECT_EQ(assembler.has_emitted(), !assembled.emitted.empty());
  if (assembler.is_complete()) {
    auto message = assembler.Take();
    if (message.ok()) {
      assembled.message = std::move(*message);
    } else {
      assembled.refused = message.status();
    }
  }
  return assembled;
}

std::string MessageDelta(std::string_view reason) {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
         R"("},"usage":{"output_tokens":42}})";
}

std::vector<std::string> ToolUse(const std::vector<std::string>& pieces, std::string_view reason,
                                 bool is_stopped = true) {
  std::vector<std::string> events{
      kStart,
      R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t1","name":"Write","input":{}}})"};
  for (const auto& piece : pieces) {
    events.push_back(JsonObject()("type", "content_block_delta")("index", 0)
                         .Raw("delta", JsonObject()("type", "input_json_delta")("partial_json", piece).Take())
                         .Take());
  }
  if (is_stopped) {
    events.emplace_back(R"({"type":"content_block_stop","index":0})");
  }
  events.push_back(MessageDelta(reason));
  events.emplace_back(kStop);
  return events;
}

TEST(MessageAssembler, PutsAllKindsOfBlocksTogether) {
  const std::string content =
      R"([{"type":"thinking","thinking":"h\u00e4 \ud83d\ude00","signature":"ErUB+/=="},)"
      R"({"type":"redacted_thinking","data":"EmwKAhgB"},{"type":"text","text":"Gr\u00fc\u00dfe \"x\"\n"},)"
      R"({"type":"tool_use","id":"t1","name":"Write","input":{"a":[1,2],"b":"\u00e4\\"}},)"
      R"({"type":"tool_use","id":"t2","name":"List","input":{}}])";
  const auto wanted = Json::Parse(content);
  ASSERT_TRUE(wanted.ok());
  for (const std::size_t piece : {1U, 3U, 1000U}) {
    const auto assembled = Assemble(fake_anthropic::MessageEvents(
        R"({"model":"m","stop_reason":"tool_use","usage":{"input_tokens":5,"output_tokens":9},"content":)" + content +
            "}",
        piece));
    ASSERT_TRUE(assembled.message) << assembled.refused.ToString();
    EXPECT_EQ(assembled.message->content, wanted->view().Dump());
    EXPECT_EQ(assembled.message->stop_reason, "tool_use");
    EXPECT_EQ(assembled.message->usage.input_tokens, 5);
    EXPECT_EQ(assembled.message->usage.output_tokens, 9);
  }
}

TEST(MessageAssembler, EmitsDeltasAsTheyCome) {
  const auto assembled = Assemble(fake_anthropic::MessageEvents(
      R"({"stop_reason":"tool_use","content":[{"type":"thinking","thinking":"ab","signature":"s"},)"
      R"({"type":"text","text":"cd"},{"type":"tool_use","id":"t","name":"N","input":{"k":1}}]})",
      100));
  const std::vector<std::string> expected{R"({"type":"thinking_delta","index":0,"thinking":"ab"})",
                                          R"({"type":"text_delta","index":1,"text":"cd"})",
                                          R"({"type":"tool_use_start","index":2,"id":"t","name":"N"})",
                                          R"({"type":"input_delta","index":2,"partial_json":""})",
                                          R"({"type":"input_delta","index":2,"partial_json":"{\"k\":1}"})"};
  EXPECT_EQ(assembled.emitted, expected);
}

TEST(MessageAssembler, ArgumentsSplitInsideAnEscapeAreJoinedBeforeParsing) {
  const auto assembled = Assemble(ToolUse({"", "{\"a\":\"\\", "u00", "e4\\ud83d", "\\ude00\"", "}"}, "tool_use"));
  ASSERT_TRUE(assembled.message) << assembled.refused.ToString();
  const auto content = Json::Parse(assembled.message->content);
  EXPECT_EQ((*content).view()[0]["input"]["a"].AsString(), "\xC3\xA4\xF0\x9F\x98\x80");
}

TEST(MessageAssembler, NoArgumentsMeanAnEmptyObject) {
  const auto assembled = Assemble(ToolUse({}, "tool_use"));
  ASSERT_TRUE(assembled.message);
  EXPECT_EQ(assembled.message->content, R"([{"type":"tool_use","id":"t1","name":"Write","input":{}}])");
}

TEST(MessageAssembler, CallCutByTheTokenLimitIsLeftOut) {
  const std::vector<std::vector<std::string>> cut{{"{\"path\":\"a", "b"}, {}, {"{\"a\":1"}};
  for (const auto& pieces : cut) {
    for (const bool is_stopped : {true, false}) {
      const auto assembled = Assemble(ToolUse(pieces, "max_tokens", is_stopped));
      ASSERT_TRUE(assembled.message) << assembled.refused.ToString();
      EXPECT_EQ(assembled.message->content, "[]");
      EXPECT_EQ(assembled.message->stop_reason, "max_tokens");
    }
  }
}

TEST(MessageAssembler, BrokenArgumentsOfAnUncutCallAreAFailure) {
  for (const char* input : {"{\"a\":", "[1]", "7"}) {
    const auto assembled = Assemble(ToolUse({input}, "tool_use"));
    EXPECT_EQ(assembled.refused.code(), Code::kUnavailable) << input;
  }
}

TEST(MessageAssembler, UsageIsReplacedNotAdded) {
  const auto assembled = Assemble(
      {kStart, R"({"type":"message_delta","delta":{},"usage":{"output_tokens":7}})",
       R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9,"input_tokens":20,)"
       R"("cache_creation_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":4},)"
       R"("cache_read_input_tokens":null}})",
       kStop});
  ASSERT_TRUE(assembled.message);
  const Usage& usage = assembled.message->usage;
  EXPECT_EQ(usage.input_tokens, 20);
  EXPECT_EQ(usage.output_tokens, 9);
  EXPECT_EQ(usage.cache_read_input_tokens, 100);
  EXPECT_EQ(usage.cache_creation_input_tokens, 6);
  EXPECT_EQ(usage.cache_write_5m_tokens, 2);
  EXPECT_EQ(usage.cache_write_1h_tokens, 4);
}

TEST(MessageAssembler, UnknownTypesAndPingsAreIgnored) {
  const auto assembled = Assemble(
      {R"({"type":"ping"})", kStart, R"({"type":"surprise","x":1})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"n"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{}}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"x"}})",
       R"({"type":"content_block_delta","index":9,"delta":{"type":"text_delta","text":"y"}})", MessageDelta("end_turn"),
       kStop});
  ASSERT_TRUE(assembled.message);
  EXPECT_EQ(assembled.message->content, R"([{"type":"text","text":"x"}])");
}

TEST(MessageAssembler, StopReasonsAreThoseACallerKnows) {
  const std::pair<const char*, const char*> cases[] = {{"end_turn", "end_turn"},
                                                       {"stop_sequence", "stop_sequence"},
                                                       {"refusal", "refusal"},
                                                       {"pause_turn", "pause_turn"},
                                                       {"model_context_window_exceeded", "max_tokens"},
                                                       {"something_new", "end_turn"}};
  for (const auto& [sent, expected] : cases) {
    const auto assembled = Assemble({kStart, MessageDelta(sent), kStop});
    ASSERT_TRUE(assembled.message) << sent;
    EXPECT_EQ(assembled.message->stop_reason, expected) << sent;
  }
}

TEST(MessageAssembler, ErrorEventsSayWhetherARetryMakesSense) {
  const struct {
    const char* type;
    Code code;
    bool is_retryable;
  } cases[] = {{"overloaded_error", Code::kUnavailable, true},
               {"api_error", Code::kUnavailable, true},
               {"rate_limit_error", Code::kResourceExhausted, true},
               {"invalid_request_error", Code::kInvalidArgument, false}};

  for (const auto& [type, code, is_retryable] : cases) {
    const auto assembled = Assemble(
        {kStart, JsonObject()("type", "error").Raw("error", JsonObject()("type", type)("message", "m").Take()).Take()});
    ASSERT_TRUE(assembled.failure) << type;
    EXPECT_EQ(assembled.failure->status.code(), code) << type;
    EXPECT_EQ(assembled.failure->is_retryable, is_retryable) << type;
    EXPECT_NE(assembled.failure->status.message().find("req_1"), std::string_view::npos);
  }
}

TEST(MessageAssembler, MessageWithoutStartOrReasonAndBrokenJsonAreFailures) {
  EXPECT_TRUE(Assemble({kStop}).failure);
  EXPECT_TRUE(Assemble({kStart, kStop}).failure);
  EXPECT_TRUE(Assemble({"{\"type\":"}).failure);
}

}  // namespace
}  // namespace tutti::anthropic
