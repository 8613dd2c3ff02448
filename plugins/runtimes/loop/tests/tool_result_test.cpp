#include "tool_result.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::loop {
namespace {

Json Parsed(const Result<std::string>& result, std::size_t max_bytes = 1000) {
  return std::move(*Json::Parse(ToolResultBlock("t1", result, max_bytes)));
}

TEST(ToolResult, ContentIsPassedOn) {
  const Json block = Parsed(std::string(R"({"content":[{"type":"text","text":"x"}],"is_error":true})"));
  EXPECT_EQ(block["type"].AsString(), "tool_result");
  EXPECT_EQ(block["tool_use_id"].AsString(), "t1");
  EXPECT_EQ(block["content"][0]["text"].AsString(), "x");
  EXPECT_TRUE(block["is_error"].AsBool());
}

TEST(ToolResult, EmptyTextIsLeftOut) {
  const Json block = Parsed(std::string(R"({"content":[{"type":"text","text":""}]})"));
  EXPECT_TRUE(block["content"].is_array());
  EXPECT_EQ(block["content"].size(), 0U);
}

TEST(ToolResult, OtherJsonGoesAsText) {
  const Json block = Parsed(std::string(R"({"rows":[1,2]})"));
  EXPECT_EQ(block["content"][0]["text"].AsString(), R"({"rows":[1,2]})");
  EXPECT_FALSE(block["is_error"].AsBool(true));
}

TEST(ToolResult, FailureGoesAsItsSentence) {
  const Json block = Parsed(Status::PermissionDenied("rm is not allowed here"));
  EXPECT_EQ(block["content"][0]["text"].AsString(), "rm is not allowed here");
  EXPECT_TRUE(block["is_error"].AsBool());
}

TEST(ToolResult, LongResultIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "\xC3\xA9";
  }
  const Json block =
      Parsed(JsonObject().Raw("content", "[" + JsonObject()("type", "text")("text", text).Take() + "]").Take(), 51);
  const std::string_view shown = block["content"][0]["text"].AsString();
  EXPECT_EQ(shown.substr(0, shown.find('\n')), std::string_view(text).substr(0, 50));
  EXPECT_NE(shown.find("50 of 200 bytes"), std::string_view::npos) << shown;
}

}  // namespace
}  // namespace tutti::loop
