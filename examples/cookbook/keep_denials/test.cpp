#include "../cookbook_test.h"

TEST(KeepDenials, DeniesAndInsertsARow) {
  Cook cook("keep_denials", R"({"tools":["Bash"]})");
  cook.host.OnStore(
      [](const tutti::testing::FakeRequest&) { return tutti::Result<std::string>(R"({"results":[{"affected":1}]})"); });
  tutti::testing::CallContext context;
  context.agent = "a1";
  const std::string payload = R"({"tool_name":"Bash","tool_input":{"command":"ls"}})";
  EXPECT_EQ(*cook.plugin.OnPoint("PreToolUse", payload, TUTTI_HOOK_GATE, context),
            R"({"deny":"Bash is not allowed here; this was noted."})");
  const std::vector<tutti::testing::FakeRequest> batches = cook.host.Requests("store");
  ASSERT_EQ(batches.size(), 1U);
  const tutti::Result<tutti::Json> batch = tutti::Json::Parse(batches[0].body);
  const tutti::JsonView row = (*batch)["ops"][0]["row"];
  EXPECT_EQ(row["agent"].AsString(), "a1");
  EXPECT_EQ(row["input"]["command"].AsString(), "ls");
  EXPECT_EQ(*cook.plugin.OnPoint("PreToolUse", R"({"tool_name":"Read","tool_input":{}})"), "");
}

TEST(KeepDenials, DeniesEvenWhileTheStorageIsAway) {
  Cook cook("keep_denials", R"({"tools":["Bash"]})");
  cook.host.OnStore([](const tutti::testing::FakeRequest&) {
    return tutti::Result<std::string>(tutti::Status::Unavailable("away"));
  });
  EXPECT_NE(*cook.plugin.OnPoint("PreToolUse", R"({"tool_name":"Bash","tool_input":{}})"), "");
  EXPECT_EQ(cook.host.records().logs().at(0).message, "denial not kept");
}
