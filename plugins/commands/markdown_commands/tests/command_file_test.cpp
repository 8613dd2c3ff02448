#include "command_file.h"

#include <gtest/gtest.h>

namespace tutti::markdown_commands {
namespace {

using Texts = std::vector<std::string>;

TEST(CommandFile, EveryKeyIsRead) {
  const CommandFile file = ParseCommandFile(
      "---\ndescription: Fix it\nargument-hint: [file] [branch]\narguments: [file, branch]\n"
      "allowed-tools: Read, Bash(git add:*, x)\ndisallowed-tools: [Write]\nmodel: haiku\neffort: high\n"
      "disable-model-invocation: true\nuser-invocable: false\nwhen_to_use: always\ncontext: fork\nagent: a\n"
      "hooks: {x: y}\npaths: [a]\nshell: bash\nversion: 1.0\nname: other\n---\n\nFix $file.\n\n",
      "fix.md");
  EXPECT_EQ(file.error, "");
  EXPECT_EQ(file.description, "Fix it");
  EXPECT_EQ(file.argument_hint, "[file] [branch]");
  EXPECT_EQ(file.argument_names, (Texts{"file", "branch"}));
  EXPECT_EQ(file.allowed_tools, (Texts{"Read", "Bash(git add:*, x)"}));
  EXPECT_EQ(file.disallowed_tools, (Texts{"Write"}));
  EXPECT_EQ(file.model, "haiku");
  EXPECT_TRUE(file.disable_model_invocation);
  EXPECT_FALSE(file.is_user_invocable);
  EXPECT_EQ(file.when_to_use, "always");
  EXPECT_EQ(file.shell, "bash");
  EXPECT_EQ(file.ignored, (Texts{"agent", "context", "effort", "hooks", "paths"}));
  EXPECT_EQ(file.body, "Fix $file.");
}

TEST(CommandFile, WithoutFrontMatterEverythingIsTheBody) {
  for (const char* text : {"Just do it.", "---\n---\nJust do it.", "\xEF\xBB\xBFJust do it.\n"}) {
    const CommandFile file = ParseCommandFile(text, "x.md");
    EXPECT_EQ(file.error, "") << text;
    EXPECT_EQ(file.body, "Just do it.") << text;
    EXPECT_EQ(file.description, "");
    EXPECT_TRUE(file.is_user_invocable);
  }
}

TEST(CommandFile, AHintIsPlainText) {
  const std::pair<const char*, const char*> cases[] = {
      {"argument-hint: [a] | [b]", "[a] | [b]"},
      {"argument-hint: [topic]", "[topic]"},
      {"argument-hint: \"[topic]\"", "[topic]"},
      {"argument-hint: 'it''s'", "it's"},
      {"argument-hint: \"a\" | \"b\"", "\"a\" | \"b\""},
      {"argument-hint: <a: b> # c", "<a: b> # c"},
      {"argument-hint:", ""},
      {"argument-hint: >\n  two\n  lines", "two lines"},
      {"argument-hint:\n  - a\n  - b", "- a - b"},
      {"argument-hint: {", "{"},
  };
  for (const auto& [yaml, hint] : cases) {
    const CommandFile file = ParseCommandFile("---\n" + std::string(yaml) + "\ndescription: d\n---\nBody.", "x.md");
    EXPECT_EQ(file.error, "") << yaml;
    EXPECT_EQ(file.argument_hint, hint) << yaml;
    EXPECT_EQ(file.description, "d") << yaml;
  }
}

TEST(CommandFile, ToolsAreReadUnderBothSpellings) {
  EXPECT_EQ(ParseCommandFile("---\nallowed_tools: [Read, Bash]\n---\n", "x").allowed_tools, (Texts{"Read", "Bash"}));
  EXPECT_EQ(ParseCommandFile("---\nallowed-tools: [Read]\nallowed_tools: [Bash]\n---\n", "x").allowed_tools,
            (Texts{"Read"}));
}

TEST(CommandFile, WithOddFrontMatterAllFieldsAreEmptyAndTheErrorSaysWhy) {
  const std::pair<const char*, const char*> cases[] = {
      {"---\n- a\n- b\n---\nBody.", "x.md:2: expected lines `key: value`, found a list"},
      {"---\njust text\n---\nBody.", "x.md:2: expected lines `key: value`, found something else"},
      {"---\ndescription: a: b\n---\nBody.", "x.md:2: expected YAML, found an error"},
      {"---\nargument-hint: [a] | [b]\ndescription: [x]\nmodel: m\n---\nBody.",
       "x.md:3: expected a text at `description`, found a list"},
      {"---\nmodel: m\nuser-invocable: perhaps\n---\nBody.", "x.md:3: expected true or false at `user-invocable`"},
      {"---\ndescription: d\nBody.", "x.md:1: expected a second line `---`"},
  };
  for (const auto& [text, error] : cases) {
    const CommandFile file = ParseCommandFile(text, "x.md");
    EXPECT_TRUE(file.error.starts_with(error)) << file.error << "\nin " << text;
    EXPECT_EQ(file.description + file.argument_hint + file.model, "") << text;
    EXPECT_TRUE(file.is_user_invocable) << text;
    EXPECT_NE(file.body.find("Body."), std::string::npos) << text;
  }
}

TEST(CommandFile, BadBytesBecomeReplacementCharacters) {
  const CommandFile file = ParseCommandFile(std::string_view("---\ndescription: a\xFF\n---\nB\0dy", 28), "x.md");
  EXPECT_EQ(file.error, "");
  EXPECT_EQ(file.description, "a\xEF\xBF\xBD");
  EXPECT_EQ(file.body,
            "B\xEF\xBF\xBD"
            "dy");
}

TEST(CommandFile, FoldersAreNamespaces) {
  EXPECT_EQ(CommandName("plan.md"), "plan");
  EXPECT_EQ(CommandName("a/b/c.md"), "a:b:c");
  EXPECT_EQ(CommandName("v1.2.md"), "v1.2");
}

}  // namespace
}  // namespace tutti::markdown_commands
