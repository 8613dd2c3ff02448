#include "tool_definitions.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::orchestrator {
namespace {

TEST(ToolDefinitions, DisplaysAreTheEightOfTheConsoleInOrder) {
  const Result<Json> displays = Json::Parse(ToolDisplays());
  const char* expected[] = {
      "create_agent(name: string, system_prompt?: string, model?: string, subagent_template?: string)",
      "list_agents()",
      "command_agent(agent_name: string, command: string)",
      "check_agent_status(agent_name: string, tail_count = 10, offset = 0, verbose_logs = false)",
      "delete_agent(agent_name: string)",
      "interrupt_agent(agent_name: string)",
      "read_system_logs(offset = 0, limit = 50, message_contains?: string, level?: string)",
      "report_cost()",
  };
  ASSERT_EQ(displays->view().size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(displays->view()[i].AsString(), expected[i]);
  }
}

TEST(ToolDefinitions, OnlyTrulyRequiredParametersAreRequired) {
  const std::pair<const char*, const char*> required[] = {
      {"create_agent", R"(["name"])"},
      {"list_agents", "null"},
      {"command_agent", R"(["agent_name","command"])"},
      {"check_agent_status", R"(["agent_name"])"},
      {"delete_agent", R"(["agent_name"])"},
      {"interrupt_agent", R"(["agent_name"])"},
      {"read_system_logs", "null"},
      {"report_cost", "null"},
  };
  for (std::size_t i = 0; i < kTools.size(); ++i) {
    const Result<Json> definition = Json::Parse(CommandDefinition(kTools[i]));
    ASSERT_TRUE(definition.ok()) << kTools[i].name;
    EXPECT_STREQ(kTools[i].name, required[i].first);
    EXPECT_EQ((*definition)["input"]["required"].Dump(), required[i].second) << kTools[i].name;
    EXPECT_EQ((*definition)["tool"]["name"].AsString(), "mcp__mgmt__" + std::string(kTools[i].name));
    EXPECT_EQ((*definition)["surfaces"][0].AsString(), "tool");
    EXPECT_EQ((*definition)["surfaces"].size(), *kTools[i].slash == 0 ? 1U : 2U);
    EXPECT_EQ((*definition)["slash"]["usage"].AsString(), kTools[i].slash);
  }
}

}  // namespace
}  // namespace tutti::orchestrator
