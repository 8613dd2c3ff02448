#include "turn.h"

#include <gtest/gtest.h>

namespace tutti::file_tracker {
namespace {

std::optional<Touch> TouchOf(const std::string& payload) {
  const Result<Json> json = Json::Parse(payload);
  EXPECT_TRUE(json.ok()) << payload;
  return Touch::FromCall(json->view());
}

TEST(Touch, OnlyFileToolsThatSucceededCount) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"tool_name":"Write","tool_input":{"file_path":"a"}})", "changed"},
      {R"({"tool_name":"Edit","tool_input":{"file_path":"a"},"is_error":false})", "changed"},
      {R"({"tool_name":"MultiEdit","tool_input":{"file_path":"a"}})", "changed"},
      {R"({"tool_name":"Read","tool_input":{"file_path":"a"}})", "read"},
      {R"({"tool_name":"Write","tool_input":{"file_path":"a"},"is_error":true})", ""},
      {R"({"tool_name":"Edit","tool_input":{"file_path":"a"},"tool_response":{"is_error":true}})", ""},
      {R"({"tool_name":"Bash","tool_input":{"command":"rm a"}})", ""},
      {R"({"tool_name":"Glob","tool_input":{"pattern":"*"}})", ""},
      {R"({"tool_name":"Write","tool_input":{}})", ""},
      {R"({"tool_name":"Write","tool_input":{"file_path":7}})", ""},
      {R"({"tool_name":"Write"})", ""},
      {"{}", ""},
      {"[]", ""},
  };
  for (const auto& [payload, kind] : cases) {
    const std::optional<Touch> touch = TouchOf(payload);
    EXPECT_EQ(!touch ? "" : touch->is_read ? "read" : "changed", std::string(kind)) << payload;
  }
}

TEST(Turn, ListsAFileOnceWithItsFirstTool) {
  Turn turn(10);
  turn.AddChanged({"/a", "Write"});
  turn.AddChanged({"/a", "Edit"});
  turn.AddRead({"/a", "Read"});
  turn.AddRead({"/a", "Read"});
  const Turn::State state = turn.state();
  ASSERT_EQ(state.changed.size(), 1U);
  EXPECT_EQ(state.changed[0].tool, "Write");
  EXPECT_EQ(state.read.size(), 1U);
  EXPECT_EQ(state.calls_not_listed, 0U);
}

TEST(Turn, CountsWhatIsBeyondItsLimit) {
  Turn turn(2);
  for (const char* path : {"/a", "/b", "/c", "/d", "/a"}) {
    turn.AddChanged({path, "Write"});
  }
  EXPECT_EQ(turn.state().changed.size(), 2U);
  EXPECT_EQ(turn.state().calls_not_listed, 2U);
}

TEST(Turn, KeepsTheFirstCommitOfARepositoryAndTheLastText) {
  Turn turn(2);
  turn.SetBase("/r/.git/", "one");
  turn.SetBase("/r/.git/", "two");
  turn.SetText("first");
  turn.SetText("last");
  EXPECT_EQ(turn.state().bases.at("/r/.git/"), "one");
  EXPECT_EQ(turn.state().text_id, "last");
}

TEST(Turns, ATurnIsTakenOnceAndTheNextOneBeginsEmpty) {
  Turns turns(10, 10);
  turns.At("run")->AddRead({"/a", "Read"});
  EXPECT_EQ(turns.At("run")->state().read.size(), 1U);
  EXPECT_EQ(turns.Take("run")->state().read.size(), 1U);
  EXPECT_EQ(turns.Take("run"), nullptr);
  EXPECT_TRUE(turns.At("run")->state().read.empty());
}

TEST(Turns, ForgetTheOldestWhenThereAreTooMany) {
  Turns turns(2, 10);
  for (const char* run : {"one", "two", "three"}) {
    turns.At(run)->SetText(run);
  }
  EXPECT_EQ(turns.size(), 2U);
  EXPECT_EQ(turns.Take("one"), nullptr);
  EXPECT_EQ(turns.Take("three")->state().text_id, "three");
  EXPECT_EQ(turns.Take("two")->state().text_id, "two");
  EXPECT_EQ(turns.size(), 0U);
}

}  // namespace
}  // namespace tutti::file_tracker
