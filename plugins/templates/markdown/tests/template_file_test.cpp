#include "template_file.h"

#include <gtest/gtest.h>

namespace tutti::markdown {
namespace {

TEST(TemplateFile, EveryMemberIsRead) {
  const auto file = MarkdownFormat::Parse(
      "\xEF\xBB\xBF---\r\nname:  scout \r\ndescription: Looks around.\r\ntools: Read, , Grep\r\nmodel: haiku\r\ncolor: "
      "blue\r\n"
      "hooks: {a: [b]}\r\n--- \r\n\r\nYou scout.\r\n---\r\nAlways.\r\n\r\n",
      "scout.md");
  ASSERT_EQ(file.error, "");
  EXPECT_EQ(file.name, "scout");
  EXPECT_EQ(file.description, "Looks around.");
  EXPECT_EQ(file.tools, (std::vector<std::string>{"Read", "Grep"}));
  EXPECT_EQ(file.model, "haiku");
  EXPECT_EQ(file.color, "blue");
  EXPECT_EQ(file.prompt, "You scout.\r\n---\r\nAlways.");
}

TEST(TemplateFile, WhatMayBeMissingMayBeMissing) {
  const auto file = MarkdownFormat::Parse("---\nname: a\ndescription: d\nmodel: inherit\ncolor:\n---\nYou.", "a.md");
  ASSERT_EQ(file.error, "");
  EXPECT_EQ(file.tools, std::nullopt);
  EXPECT_EQ(file.model, "");
  EXPECT_EQ(file.color, "");
}

TEST(TemplateFile, ToolsMayBeAList) {
  const auto file = MarkdownFormat::Parse("---\nname: a\ndescription: d\ntools: [Read, ' Bash ']\n---\nYou.", "a.md");
  ASSERT_EQ(file.error, "");
  EXPECT_EQ(file.tools, (std::vector<std::string>{"Read", "Bash"}));
  const auto none = MarkdownFormat::Parse("---\nname: a\ndescription: d\ntools: []\n---\nYou.", "a.md");
  ASSERT_EQ(none.error, "");
  EXPECT_EQ(none.tools, std::vector<std::string>());
}

TEST(TemplateFile, ProblemsNameFileLineAndKey) {
  struct Case {
    const char* text;
    const char* expected;
  };

  const Case cases[] = {
      {"", "a.md:1: expected `---`"},
      {"You.", "a.md:1: expected `---`"},
      {"---\nname: a\n", "a.md:1: expected a second line `---`"},
      {"---\n- a\n---\nYou.", "a.md:2: expected lines `key: value`"},
      {"---\ndescription: d\n---\nYou.", "a.md:1: expected a text at `name`, found no such key"},
      {"---\nname: a\ndescription: ' '\n---\nYou.", "a.md:3: expected a text at `description`, found an empty one"},
      {"---\nname: [a]\ndescription: d\n---\nYou.", "a.md:2: expected a text at `name`, found a list"},
      {"---\nname: \"a\\nb\"\ndescription: d\n---\nYou.", "a.md:2: expected one line"},
      {"---\nname: a\ndescription: d\ntools: {a: b}\n---\nYou.", "a.md:4: expected a text at `tools`, found a map"},
      {"---\nname: a\ndescription: when: this\n---\nYou.", "a.md:3: expected YAML"},
      {"---\nname: a\ndescription: d\n---\n \n", "a.md:1: expected the agent's prompt"},
  };
  for (const Case& one : cases) {
    const auto file = MarkdownFormat::Parse(one.text, "a.md");
    EXPECT_TRUE(file.error.starts_with(one.expected)) << file.error << "\nin " << one.text;
  }
  const std::string long_name = "---\nname: " + std::string(101, 'x') + "\ndescription: d\n---\nYou.";
  EXPECT_NE(MarkdownFormat::Parse(long_name, "a.md").error.find("at most 100"), std::string::npos);
}

TEST(TemplateFile, AllKeysOfTheFormatAreReadOrNamedAsIgnored) {
  const auto file = MarkdownFormat::Parse(
      "---\nname: a\ndescription: d\ntools: '*'\ndisallowedTools: Write, Edit\nmaxTurns: 7\neffort: high\n"
      "autoCompactWindow: 9\npermissionMode: plan\nskills: [s]\nmcpServers: [m]\nhooks: {Stop: []}\nmemory: user\n"
      "background: true\nisolation: worktree\nomitClaudeMd: true\ninitialPrompt: hello\ncolor: red\nobserver: x\n"
      "---\nYou.",
      "a.md");
  EXPECT_EQ(file.error, "");
  EXPECT_EQ(file.tools, std::nullopt);
  EXPECT_EQ(file.disallowed_tools, (std::vector<std::string>{"Write", "Edit"}));
  EXPECT_EQ(file.max_turns, 7);
  EXPECT_EQ(file.ignored, (std::vector<std::string>{"autoCompactWindow", "background", "effort", "hooks",
                                                    "initialPrompt", "isolation", "mcpServers", "memory", "observer",
                                                    "omitClaudeMd", "permissionMode", "skills"}));
}

TEST(TemplateFile, ABrokenFileKeepsTheNameItHas) {
  const auto file = MarkdownFormat::Parse("---\nname: scout\nmaxTurns: many\ndescription: d\n---\nYou.", "a.md");
  EXPECT_EQ(file.error, "a.md:3: expected a whole number of at least 1 at `maxTurns`, found `many`");
  EXPECT_EQ(file.name, "scout");
}

TEST(TemplateFile, BadBytesBecomeReplacementCharacters) {
  const auto file = MarkdownFormat::Parse(std::string_view("---\nname: a\ndescription: d\xFF\n---\nYou\0.", 37), "a");
  EXPECT_EQ(file.error, "");
  EXPECT_EQ(file.description, "d\xEF\xBF\xBD");
  EXPECT_EQ(file.prompt, "You\xEF\xBF\xBD.");
}

TEST(TemplateFile, DeepNestingIsAnErrorNotACrash) {
  const std::string deep = "---\nname: a\nx: " + std::string(60000, '[') + "\n---\nYou.";
  EXPECT_NE(MarkdownFormat::Parse(deep, "a.md").error, "");
}

}  // namespace
}  // namespace tutti::markdown
