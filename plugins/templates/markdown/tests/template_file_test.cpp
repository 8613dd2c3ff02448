#include "template_file.h"

#include <gtest/gtest.h>

namespace tutti::markdown {
namespace {

TEST(TemplateFile, EveryMemberIsRead) {
  const auto file = ParseTemplateFile(
      "\xEF\xBB\xBF---\r\nname:  scout \r\ndescription: Looks around.\r\ntools: Read, , Grep\r\nmodel: haiku\r\ncolor: "
      "blue\r\n"
      "hooks: {a: [b]}\r\n--- \r\n\r\nYou scout.\r\n---\r\nAlways.\r\n\r\n",
      "scout.md");
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_EQ(file->name, "scout");
  EXPECT_EQ(file->description, "Looks around.");
  EXPECT_EQ(file->tools, (std::vector<std::string>{"Read", "Grep"}));
  EXPECT_EQ(file->model, "haiku");
  EXPECT_EQ(file->color, "blue");
  EXPECT_EQ(file->prompt, "You scout.\r\n---\r\nAlways.");
}

TEST(TemplateFile, WhatMayBeMissingMayBeMissing) {
  const auto file = ParseTemplateFile("---\nname: a\ndescription: d\nmodel: inherit\ncolor:\n---\nYou.", "a.md");
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_EQ(file->tools, std::nullopt);
  EXPECT_EQ(file->model, "");
  EXPECT_EQ(file->color, "");
}

TEST(TemplateFile, ToolsMayBeAList) {
  const auto file = ParseTemplateFile("---\nname: a\ndescription: d\ntools: [Read, ' Bash ']\n---\nYou.", "a.md");
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_EQ(file->tools, (std::vector<std::string>{"Read", "Bash"}));
  const auto none = ParseTemplateFile("---\nname: a\ndescription: d\ntools: []\n---\nYou.", "a.md");
  ASSERT_TRUE(none.ok()) << none.status().ToString();
  EXPECT_EQ(none->tools, std::vector<std::string>());
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
      {"---\n- a\n---\nYou.", "a.md:2: expected front matter"},
      {"---\ndescription: d\n---\nYou.", "a.md:1: expected a text at `name`, found no such key"},
      {"---\nname: a\ndescription: ' '\n---\nYou.", "a.md:3: expected a text at `description`, found an empty one"},
      {"---\nname: [a]\ndescription: d\n---\nYou.", "a.md:2: expected a text at `name`, found a list"},
      {"---\nname: \"a\\nb\"\ndescription: d\n---\nYou.", "a.md:2: expected one line"},
      {"---\nname: a\ndescription: d\ntools: {a: b}\n---\nYou.", "a.md:4: expected a text at `tools`, found a map"},
      {"---\nname: a\ndescription: when: this\n---\nYou.", "a.md:3: expected YAML"},
      {"---\nname: a\ndescription: d\n---\n \n", "a.md:1: expected the agent's prompt"},
  };
  for (const Case& one : cases) {
    const auto file = ParseTemplateFile(one.text, "a.md");
    ASSERT_FALSE(file.ok()) << one.text;
    EXPECT_TRUE(file.status().message().starts_with(one.expected)) << file.status().message() << "\nin " << one.text;
  }
  const std::string long_name = "---\nname: " + std::string(101, 'x') + "\ndescription: d\n---\nYou.";
  EXPECT_NE(ParseTemplateFile(long_name, "a.md").status().message().find("at most 100"), std::string_view::npos);
}

TEST(TemplateFile, DeepNestingIsAnErrorNotACrash) {
  const std::string deep = "---\nname: a\nx: " + std::string(60000, '[') + "\n---\nYou.";
  EXPECT_FALSE(ParseTemplateFile(deep, "a.md").ok());
}

}  // namespace
}  // namespace tutti::markdown
