#include "shell_permission.h"

#include <gtest/gtest.h>

namespace tutti::markdown_commands {
namespace {

using Texts = std::vector<std::string>;

TEST(SimpleCommands, AreTheCommandsOfALine) {
  EXPECT_EQ(SimpleCommands("git log"), Texts({"git log"}));
  EXPECT_EQ(SimpleCommands("a; b && c || d | e & f\ng"), Texts({"a", "b", "c", "d", "e", "f", "g"}));
  EXPECT_EQ(SimpleCommands("echo 'a; b' \"c && d\" e\\;f"), Texts({"echo 'a; b' \"c && d\" e\\;f"}));
  EXPECT_EQ(SimpleCommands("make 2>&1 >/dev/null | tail"), Texts({"make 2", "tail"}));
  EXPECT_EQ(SimpleCommands("echo '$(x)' '`x`' $HOME"), Texts({"echo '$(x)' '`x`' $HOME"}));
  EXPECT_EQ(SimpleCommands(" "), Texts());
}

TEST(SimpleCommands, OtherThingsAreNone) {
  for (const char* line : {"echo $(ls)", "echo `ls`", "echo \"$(ls)\"", "echo \"`ls`\"", "(ls)", "{ ls; }", "ls > file",
                           "ls >> /dev/null/x", "cat < file", "cat <<E\nx\nE", "diff <(a) <(b)", "echo 'a", "echo \"a",
                           "echo a\\", "echo $'a'", "ls # x", "ls >/dev/nullx", "f() { ls; }", "echo ${X:-$(ls)}"}) {
    EXPECT_EQ(SimpleCommands(line), std::nullopt) << line;
  }
}

TEST(ShellPermission, DecidesByTheRulesOfTheFile) {
  struct Case {
    Texts allowed;
    Texts disallowed;
    const char* command;
    bool is_allowed;
  };

  const Case cases[] = {
      {{}, {}, "ls", false},
      {{"Read", "Grep"}, {}, "ls", false},
      {{"BashOutput"}, {}, "ls", false},
      {{"Bash"}, {}, "ls $(pwd) > x", true},
      {{"Bash(*)"}, {}, "ls > x", true},
      {{"Bash(:*)"}, {}, "ls > x", true},
      {{"Bash(git log:*)"}, {}, "git log", true},
      {{"Bash(git log:*)"}, {}, "git log -n 5", true},
      {{"Bash(git log:*)"}, {}, "  git log -n 5  ", true},
      {{"Bash(git log:*)"}, {}, "git logs", false},
      {{"Bash(git log:*)"}, {}, "git push", false},
      {{"Bash(git log:*)"}, {}, "git log; rm x", false},
      {{"Bash(git log:*)"}, {}, "git log && git log -n 1", true},
      {{"Bash(git log:*)"}, {}, "git log $(rm x)", false},
      {{"Bash(git log:*)"}, {}, "git log > x", false},
      {{"Bash(git log:*)"}, {}, "A=1 git log", false},
      {{"Bash(git:*)", "Bash(head:*)"}, {}, "git log | head", true},
      {{"Bash(git *)"}, {}, "git", true},
      {{"Bash(git *)"}, {}, "git log", true},
      {{"Bash(git *)"}, {}, "gitk", false},
      {{"Bash(npm run * --silent)"}, {}, "npm run test --silent", true},
      {{"Bash(npm run * --silent)"}, {}, "npm run test", false},
      {{"Bash(git status)"}, {}, "git status", true},
      {{"Bash(git status)"}, {}, "git status -s", false},
      {{"Bash()"}, {}, "ls", false},
      {{"Bash"}, {"Bash"}, "ls", false},
      {{"Bash"}, {"Bash(rm:*)"}, "ls", true},
      {{"Bash"}, {"Bash(rm:*)"}, "ls; rm x", false},
      {{"Bash"}, {"Bash(rm:*)"}, "$(echo rm) x", false},
      {{"Bash(echo:*)"}, {}, "", false},
  };
  for (const Case& one : cases) {
    const auto refusal = ShellPermission(one.allowed, one.disallowed).Refusal(one.command);
    EXPECT_EQ(!refusal, one.is_allowed) << one.command << (one.allowed.empty() ? "" : " by " + one.allowed[0]) << ": "
                                        << refusal.value_or("");
  }
}

TEST(ShellPermission, ARefusalSaysWhatToDo) {
  EXPECT_EQ(ShellPermission({}, {}).Refusal("ls"),
            "the command `ls` needs permission: name it in the file's `allowed-tools`, such as Bash(git log:*)");
  EXPECT_EQ(
      ShellPermission({"Bash(git:*)"}, {}).Refusal("git log; ls"),
      "the command `git log; ls` has a part that no rule of the file's `allowed-tools` allows; name it there, such "
      "as Bash(git log:*)");
}

TEST(ShellPermission, ManyStarsCostNoMoreThanTheirLength) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) {
    pattern += "*a";
  }
  EXPECT_TRUE(ShellPermission({"Bash(" + pattern + "b)"}, {}).Refusal(std::string(20000, 'a')));
}

}  // namespace
}  // namespace tutti::markdown_commands
