#include <gtest/gtest.h>

#include "plugins/common/documents/tests/temporary_tree.h"
#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::yaml_templates {
namespace {

TEST(YamlTemplates, AnswersThroughTheBoundaryAndSeesChanges) {
  const documents::TemporaryTree tree;
  tree.Write("scout.yaml", "name: scout\ndescription: Looks.\nprompt: You scout.\n");
  tree.Write("deep/builder.yml", "name: builder\ndescription: Builds.\nmaxTurns: 2\nprompt: You build.\n");
  tree.Write("notes.md", "---\nname: notes\n---\n");
  testing::FakeHost host;
  testing::LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(R"({"directories":[{"path":")" + tree.path().string() + R"("}]})").ok());
  EXPECT_EQ(
      *plugin.ListTemplates(),
      R"({"templates":[{"name":"builder","description":"Builds.","tools":null,"model":null,"color":null,"source":")" +
          tree.PathOf("deep/builder.yml") +
          R"(","max_turns":2},{"name":"scout","description":"Looks.","tools":null,"model":null,"color":null,)"
          R"("source":")" +
          tree.PathOf("scout.yaml") + R"("}]})");
  EXPECT_EQ((*Json::Parse(*plugin.GetTemplate("scout")))["system_prompt"].AsString(), "You scout.");
  tree.Write("scout.yaml", "name: scout\ndescription: Looks.\nprompt: You watch.\n");
  EXPECT_EQ((*Json::Parse(*plugin.GetTemplate("scout")))["system_prompt"].AsString(), "You watch.");
  EXPECT_TRUE(host.records().logs().empty());
}

}  // namespace
}  // namespace tutti::yaml_templates
