#include "built_in_commands.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

TEST(BuiltInCommands, HelpListsUsagesInOrderAndLeavesOutThoseThatTakeJson) {
  const std::string text = HelpText(R"([
    {"name":"/run","usage":"/run RUN","summary":"One run.","command":"runs.get"},
    {"name":"/orchestrator.events","usage":"/orchestrator.events","summary":"Events.","command":"orchestrator.events"},
    {"name":"/agents","usage":"/agents","summary":"The agents.","command":"orchestrator.list_agents"}])",
                                    "");
  EXPECT_EQ(text, "**Commands**\n\n- `/agents` - The agents.\n- `/run RUN` - One run.");
}

TEST(BuiltInCommands, HelpHasTheCommandsOfTheProjectApart) {
  EXPECT_TRUE(HelpText("[]", "- `/plan [topic]` - Write a plan")
                  .ends_with("**Commands of this project**\n\n- `/plan [topic]` - Write a plan"));
}

}  // namespace
}  // namespace tutti::orchestrator
