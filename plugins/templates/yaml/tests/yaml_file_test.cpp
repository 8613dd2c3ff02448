#include "yaml_file.h"

#include <gtest/gtest.h>

namespace tutti::yaml_templates {
namespace {

TEST(YamlFile, HasTheKeysOfMarkdownTemplatesAndThePrompt) {
  const auto file = YamlFormat::Parse(
      "name: scout\ndescription: Looks around.\ntools: [Read, Grep]\ndisallowedTools: Bash\nmodel: haiku\nmaxTurns: 5\n"
      "color: blue\nhooks: {}\nprompt: |\n  You scout.\n\n  Always.\n",
      "scout.yaml");
  ASSERT_EQ(file.error, "");
  EXPECT_EQ(file.name, "scout");
  EXPECT_EQ(file.description, "Looks around.");
  EXPECT_EQ(file.tools, (std::vector<std::string>{"Read", "Grep"}));
  EXPECT_EQ(file.disallowed_tools, (std::vector<std::string>{"Bash"}));
  EXPECT_EQ(file.model, "haiku");
  EXPECT_EQ(file.max_turns, 5);
  EXPECT_EQ(file.color, "blue");
  EXPECT_EQ(file.ignored, (std::vector<std::string>{"hooks"}));
  EXPECT_EQ(file.prompt, "You scout.\n\nAlways.");
}

TEST(YamlFile, ProblemsNameFileLineAndKey) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "a.yaml:1: expected a text at `name`, found no such key"},
      {"- a\n", "a.yaml:1: expected lines `key: value`, found a list"},
      {"name: a\ndescription: d\n", "a.yaml:1: expected a text at `prompt`, found no such key"},
      {"name: a\ndescription: d\nprompt: [x]\n", "a.yaml:3: expected a text at `prompt`, found a list"},
      {"name: a\n\tb: c\n", "a.yaml:2: expected YAML, found an error"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_TRUE(YamlFormat::Parse(text, "a.yaml").error.starts_with(expected))
        << YamlFormat::Parse(text, "a.yaml").error << "\nin " << text;
  }
}

}  // namespace
}  // namespace tutti::yaml_templates
