#include "model_answer.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::loop {
namespace {

TEST(ModelAnswer, BlocksBecomeEntriesInOrder) {
  const Result<ModelAnswer> answer = ModelAnswer::Parse(R"({"stop_reason":"tool_use","content":[
      {"type":"thinking","thinking":"hm","signature":"s=="},{"type":"redacted_thinking","data":"x"},
      {"type":"text","text":"so"},{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"a"}}]})");
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->blocks.size(), 3U);
  const char* expected[] = {"ThinkingBlock", "TextBlock", "ToolUseBlock"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*Json::Parse(answer->blocks[i]))["point"].AsString(), expected[i]);
  }
  ASSERT_EQ(answer->calls.size(), 1U);
  EXPECT_EQ(answer->calls[0].input, R"({"file_path":"a"})");
  EXPECT_NE(answer->content.find("s=="), std::string::npos);
  EXPECT_NE(answer->content.find("redacted_thinking"), std::string::npos);
}

TEST(ModelAnswer, NulInTextBecomesTheReplacementCharacter) {
  const Result<ModelAnswer> answer = ModelAnswer::Parse(R"({"content":[{"type":"text","text":"a\u0000b \\u0000"}]})");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text,
            "a\xEF\xBF\xBD"
            "b \\u0000");
}

TEST(ModelAnswer, EmptyTextIsLeftOut) {
  const Result<ModelAnswer> answer = ModelAnswer::Parse(
      R"({"content":[{"type":"text","text":""},{"type":"tool_use","id":"t1","name":"Read","input":{}}]})");
  EXPECT_EQ(answer->blocks.size(), 1U);
  EXPECT_EQ(answer->content, R"([{"type":"tool_use","id":"t1","name":"Read","input":{}}])");
}

TEST(ModelAnswer, AnswerWithoutContentIsRefused) {
  for (const char* body : {"", "{}", "[]", R"({"content":"text"})", "{"}) {
    EXPECT_FALSE(ModelAnswer::Parse(body).ok()) << body;
  }
}

TEST(ModelAnswer, MissingPriceIsUnknown) {
  EXPECT_FALSE(ModelAnswer::Parse(R"({"content":[],"cost_usd":null})")->cost_usd.has_value());
  EXPECT_EQ(ModelAnswer::Parse(R"({"content":[],"cost_usd":0})")->cost_usd, 0.0);
}

}  // namespace
}  // namespace tutti::loop
