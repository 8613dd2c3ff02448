#include "../cookbook_test.h"

TEST(DenyTool, DeniesByToolAndArgument) {
  Cook cook("deny_tool",
            R"config({"rules":[{"tool":"@(Write|Edit)","argument":"file_path","pattern":"*.lock"}]})config");
  EXPECT_EQ(*cook.plugin.OnPoint("PreToolUse", R"({"tool_name":"Edit","tool_input":{"file_path":"a/Cargo.lock"}})"),
            R"({"deny":"Edit with file_path like '*.lock' is not allowed here. Work without it, or ask the user."})");
  EXPECT_EQ(*cook.plugin.OnPoint("PreToolUse", R"({"tool_name":"Read","tool_input":{"file_path":"Cargo.lock"}})"), "");
  EXPECT_EQ(*cook.plugin.OnPoint("PreToolUse", R"({"tool_name":"Edit","tool_input":{"file_path":"a.cpp"}})"), "");
  EXPECT_FALSE(cook.plugin.OnPoint("PreToolUse", "no json").ok());
}
