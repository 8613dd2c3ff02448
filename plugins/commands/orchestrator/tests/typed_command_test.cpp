#include "typed_command.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

TEST(TypedCommand, IsANameAndWhatFollows) {
  const std::pair<const char*, std::pair<const char*, const char*>> cases[] = {
      {"/help", {"help", ""}},
      {"  /compact  keep the names \n", {"compact", "keep the names"}},
      {"/team:review a\nb", {"team:review", "a\nb"}},
      {"/runs.list {\"limit\":1}", {"runs.list", "{\"limit\":1}"}},
      {"/\xC3\xA9tude", {"\xC3\xA9tude", ""}},
  };
  for (const auto& [text, expected] : cases) {
    const std::optional<TypedCommand> typed = TypedCommand::Parse(text);
    ASSERT_TRUE(typed.has_value()) << text;
    EXPECT_EQ(typed->name, expected.first) << text;
    EXPECT_EQ(typed->arguments, expected.second) << text;
  }
}

TEST(TypedCommand, PathsAndOtherTextAreNone) {
  for (const char* text : {"", "/", "/ help", "help", "say /help", "/etc/hosts is a file", "/a/b", "/what?", "//x"}) {
    EXPECT_FALSE(TypedCommand::Parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tutti::orchestrator
