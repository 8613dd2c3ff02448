#include "request_builder.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

const BuilderSettings kSettings{.default_model = "sonnet"};

std::string Body(std::string_view request, const BuilderSettings& settings = kSettings) {
  const auto built = BuildRequest(request, ModelTable(), settings);
  return built.ok() ? built->body : built.status().ToString();
}

TEST(RequestBuilder, WritesTheWholeRequestInAStableOrder) {
  EXPECT_EQ(
      Body(R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"system":"be kind","tools":)"
           R"([{"input_schema":{"type":"object"},"description":"d","name":"N"}],"tool_choice":{"type":"auto"},)"
           R"("thinking":{"type":"enabled","budget_tokens":2048},"max_tokens":4096,"model":"opus"})"),
      R"({"model":"claude-opus-4-5","max_tokens":4096,"stream":true,"thinking":{"type":"enabled","budget_tokens":2048},)"
      R"("tool_choice":{"type":"auto"},"tools":[{"name":"N","description":"d","input_schema":{"type":"object"}}],)"
      R"("system":[{"type":"text","text":"be kind","cache_control":{"type":"ephemeral"}}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}]})");
}

TEST(RequestBuilder, OnlyTheLastBlockOfTheNewestMessageIsMarked) {
  const std::string body =
      Body(R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},)"
           R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"N","input":{}}]},)"
           R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[]},)"
           R"({"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}]})");
  const auto json = Json::Parse(body);
  ASSERT_TRUE(json.ok()) << body;
  const JsonView messages = (*json)["messages"];
  EXPECT_FALSE(messages[0]["content"][0]["cache_control"]);
  EXPECT_FALSE(messages[2]["content"][0]["cache_control"]);
  EXPECT_TRUE(messages[2]["content"][1]["cache_control"]);
}

TEST(RequestBuilder, LongerConversationBeginsWithTheBytesOfTheShorterOne) {
  const std::string first = R"({"role":"user","content":[{"type":"text","text":"a"}]})";
  const std::string rest = R"(,{"role":"assistant","content":[{"type":"text","text":"b"}]},)"
                           R"({"role":"user","content":[{"type":"text","text":"c"}]})";
  const std::string head = R"({"system":"s","tools":[{"name":"N","description":"","input_schema":{}}],"messages":[)";
  const std::string shorter = Body(head + first + "]}");
  const std::string longer = Body(head + first + rest + "]}");
  const std::size_t marker = shorter.rfind(",\"cache_control\"");
  ASSERT_NE(marker, std::string::npos);
  EXPECT_EQ(longer.substr(0, marker), shorter.substr(0, marker));
  EXPECT_EQ(Body(head + first + "]}"), shorter);
}

TEST(RequestBuilder, ToolResultsComeFirst) {
  const std::string body =
      Body(R"({"messages":[{"role":"user","content":[{"type":"text","text":"x"},)"
           R"({"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"1"}],"is_error":true},)"
           R"({"type":"tool_result","tool_use_id":"t2","content":[]}]}]})");
  const auto json = Json::Parse(body);
  const JsonView content = (*json)["messages"][0]["content"];
  EXPECT_EQ(content[0]["tool_use_id"].AsString(), "t1");
  EXPECT_TRUE(content[0]["is_error"].AsBool());
  EXPECT_EQ(content[1]["tool_use_id"].AsString(), "t2");
  EXPECT_EQ(content[2]["text"].AsString(), "x");
}

TEST(RequestBuilder, ThinkingGoesBackUnchangedAndUnsignedThinkingIsLeftOut) {
  const std::string kept =
      R"({"type":"thinking","thinking":"a/b\n\"","signature":"Er+/=="},{"type":"redacted_thinking","data":"Em=="})";
  const std::string body =
      Body(R"({"messages":[{"role":"user","content":[{"type":"text","text":"x"}]},{"role":"assistant","content":[)" +
           kept + R"(,{"type":"thinking","thinking":"rehearsed","signature":""},{"type":"text","text":""}]}]})");
  EXPECT_NE(body.find("[" + kept + "]"), std::string::npos) << body;
}

TEST(RequestBuilder, MessageWithNothingLeftIsLeftOut) {
  EXPECT_EQ(
      Body(R"({"messages":[{"role":"user","content":[{"type":"text","text":"x"}]},)"
           R"({"role":"assistant","content":[{"type":"text","text":""}]}]})",
           {.default_model = "m", .prompt_caching = false}),
      R"({"model":"m","max_tokens":8192,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})");
}

TEST(RequestBuilder, TokenLimitComesFromTheModelTable) {
  const std::string messages = R"("messages":[{"role":"user","content":[{"type":"text","text":"x"}]}])";
  const std::pair<const char*, const char*> cases[] = {{"fast", "\"max_tokens\":32000"},
                                                       {"claude-sonnet-5-5-20260101", "\"max_tokens\":128000"},
                                                       {"claude-opus-4-8", "\"max_tokens\":64000"},
                                                       {"other", "\"max_tokens\":8192"}};
  for (const auto& [model, expected] : cases) {
    const std::string body = Body(R"({"model":")" + std::string(model) + "\"," + messages + "}");
    EXPECT_NE(body.find(expected), std::string::npos) << body;
  }
}

TEST(RequestBuilder, RefusesWhatTheApiCouldNotTake) {
  const char* const requests[] = {
      "{",
      R"({"messages":[]})",
      R"({"messages":[{"role":"system","content":[]}]})",
      R"({"messages":[{"role":"user","content":"x"}]})",
      R"({"max_tokens":0,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})",
      R"({"max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})",
      R"({"thinking":{"type":"adaptive"},"tool_choice":{"type":"any"},"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})"};
  for (const char* request : requests) {
    EXPECT_EQ(BuildRequest(request, ModelTable(), kSettings).status().code(), Code::kInvalidArgument) << request;
  }
}

}  // namespace
}  // namespace tutti::anthropic
