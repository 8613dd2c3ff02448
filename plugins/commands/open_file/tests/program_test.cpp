#include "program.h"

#include <gtest/gtest.h>

namespace tutti::open_file {
namespace {

using Words = std::vector<std::string>;

TEST(Program, IsSplitAtBlanksAndKeptTogetherByQuotes) {
  EXPECT_EQ(*SplitCommand("code"), Words{"code"});
  EXPECT_EQ(*SplitCommand("  code  -r\t--goto "), (Words{"code", "-r", "--goto"}));
  EXPECT_EQ(*SplitCommand("'/opt/my editor/run' \"a b\"c ''"), (Words{"/opt/my editor/run", "a bc", ""}));
}

TEST(Program, NothingHasTheMeaningItHasInAShell) {
  EXPECT_EQ(*SplitCommand("code;rm $HOME `id` | x"), (Words{"code;rm", "$HOME", "`id`", "|", "x"}));
}

TEST(Program, WithoutAProgramOrWithAnOpenQuoteItIsRefused) {
  for (const char* command : {"", "  ", "''", "code 'open", "\"code"}) {
    EXPECT_EQ(SplitCommand(command).status().code(), Code::kInvalidArgument) << command;
  }
}

TEST(Program, YesIsSaidInThreeWays) {
  for (const char* text : {"true", "True", "TRUE", "1", "yes", "YES"}) {
    EXPECT_TRUE(IsYes(text)) << text;
  }
  for (const char* text : {"", "false", "0", "no", "on", "yes!"}) {
    EXPECT_FALSE(IsYes(text)) << text;
  }
}

}  // namespace
}  // namespace tutti::open_file
