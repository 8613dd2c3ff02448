#include <gtest/gtest.h>

#include "tutti/sdk/testing/library.hpp"

// The plugin as a host loads it, in a host in memory.
class HookCppTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(plugin_.Start(R"({"deny":["rm -rf","mkfs"],"reason":"Not here."})").ok()); }

  std::string AskAbout(const std::string& tool, const std::string& command) {
    const std::string input = tutti::JsonObject()("command", command).Take();
    const std::string payload = tutti::JsonObject()("tool_name", tool).Raw("tool_input", input).Take();
    const tutti::Result<std::string> reply = plugin_.OnPoint("PreToolUse", payload);
    return reply.ok() ? *reply : reply.status().ToString();
  }

  tutti::testing::FakeHost host_;
  tutti::testing::LoadedPlugin plugin_ = tutti::testing::LoadLibrary(host_, TUTTI_PLUGIN_LIBRARY);
};

TEST_F(HookCppTest, DeniesWhatHoldsAText) {
  EXPECT_EQ(AskAbout("Bash", "cd /tmp && rm -rf notes"), R"({"deny":"Not here."})");
  EXPECT_EQ(AskAbout("Bash", "mkfs /dev/sda"), R"({"deny":"Not here."})");
  ASSERT_EQ(host_.records().logs().size(), 2U);
  EXPECT_EQ(host_.records().logs()[0].message, "command denied");
  EXPECT_EQ(host_.records().Metric("commands_denied_total"), 2);
}

TEST_F(HookCppTest, LetsEverythingElsePass) {
  EXPECT_EQ(AskAbout("Bash", "rm notes"), "");
  EXPECT_EQ(AskAbout("Write", "rm -rf notes"), "");
}

TEST_F(HookCppTest, CannotDecideAboutWhatIsNoJson) {
  EXPECT_FALSE(plugin_.OnPoint("PreToolUse", "{").ok());
}
