#include "conversation.h"

#include <gtest/gtest.h>

namespace tutti::runs {
namespace {

std::string Closing(std::string_view message) {
  const Result<Json> json = Json::Parse(message);
  return ClosingContent(json->view());
}

TEST(Conversation, UnansweredCallsAreClosedInOrderAsErrors) {
  const std::string content = Closing(R"({"role":"assistant","content":[{"type":"text","text":"so"},
      {"type":"tool_use","id":"t1","name":"Bash","input":{}},{"type":"tool_use","id":"t2","name":"Read","input":{}}]})");
  const Result<Json> json = Json::Parse(content);
  ASSERT_TRUE(json.ok()) << content;
  ASSERT_EQ(json->view().size(), 2U);
  EXPECT_EQ(json->view()[0]["tool_use_id"].AsString(), "t1");
  EXPECT_EQ(json->view()[1]["tool_use_id"].AsString(), "t2");
  EXPECT_TRUE(json->view()[1]["is_error"].AsBool());
  EXPECT_NE(json->view()[1]["content"][0]["text"].AsString().find("unknown"), std::string_view::npos);
}

TEST(Conversation, NothingIsClosedWhereNothingWasCalled) {
  EXPECT_EQ(Closing(R"({"role":"assistant","content":[{"type":"text","text":"done"}]})"), "");
  EXPECT_EQ(Closing(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1"}]})"), "");
  EXPECT_EQ(Closing("null"), "");
}

TEST(Conversation, TrimmedHistoryBeginsWithAUsersOwnMessage) {
  const std::string rows = R"([{"role":"assistant","content":[]},)"
                           R"({"role":"user","content":[{"type":"tool_result"}]},)"
                           R"({"role":"user","content":[{"type":"text","text":"x"}]},)"
                           R"({"role":"assistant","content":[]}])";
  EXPECT_EQ(TrimToBeginning(rows),
            R"([{"role":"user","content":[{"type":"text","text":"x"}]},{"role":"assistant","content":[]}])");
  EXPECT_EQ(TrimToBeginning("[]"), "[]");
}

}  // namespace
}  // namespace tutti::runs
