#include "plain_commands.h"

#include <gtest/gtest.h>

namespace tutti::shell {
namespace {

std::string Joined(std::string_view line) {
  const auto commands = PlainCommands(line);
  std::string text = commands ? "" : "not plain";
  for (std::size_t i = 0; commands && i < commands->size(); ++i) {
    text += (i > 0 ? " | " : "") + (*commands)[i];
  }
  return text;
}

TEST(PlainCommands, SplitsAtEveryOperator) {
  const struct {
    const char* line;
    const char* commands;
  } cases[] = {
      {"git  status", "git status"},
      {"git status && rm -rf x", "git status | rm -rf x"},
      {"a;b|c||d&e\nf |& g", "a | b | c | d | e | f | g"},
      {"git log $(git rev-parse HEAD)", "git rev-parse HEAD | git log $(...)"},
      {"echo \"at $(date; rm x) $HOME\"", "date | rm x | echo 'at $(...) $HOME'"},
      {"git 'status x'", "git 'status x'"},
      {"'git status' x", "'git status' x"},
      {"g\\it sta''tus", "git status"},
      {"PATH=/x git status", "PATH=/x git status"},
      {"make -j2 2>&1 >/dev/null # all; rm x\nls", "make -j2 | ls"},
      {"echo it''s a \"b;c\" '&& d'", "echo its a 'b;c' '&& d'"},
      {"./git status", "./git status"},
      {"ls *.txt", "ls *.txt"},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(Joined(c.line), c.commands) << c.line;
  }
}

TEST(PlainCommands, WhatIsNotUnderstoodIsNotPlain) {
  for (const char* line : {"",
                           "  ",
                           "$CMD x",
                           "$(which git) x",
                           "git status > out",
                           "git status >> out",
                           "git status >| out",
                           "git status &> out",
                           "cat < in",
                           "cat <<E\nrm\nE",
                           "cat <<<x",
                           "diff <(rm x) y",
                           "echo `rm x`",
                           "echo \"`rm x`\"",
                           "echo ${x:-$(rm y)}",
                           "echo $((1+1))",
                           "(rm x)",
                           "f() { rm x; }",
                           "echo $'\\x41'",
                           "echo $\"x\"",
                           "echo 'open",
                           "echo \"open",
                           "echo $(open",
                           "echo x)",
                           "a;;b",
                           "echo \\\nx",
                           "ls 3>out",
                           "echo x >&out",
                           "git status\r\n"}) {
    EXPECT_EQ(Joined(line), "not plain") << line;
  }
}

TEST(PlainCommands, NestingIsBounded) {
  std::string deep = "x";
  for (int i = 0; i < 20; ++i) {
    deep = "echo $(" + deep + ")";
  }
  EXPECT_EQ(Joined(deep), "not plain");
}

}  // namespace
}  // namespace tutti::shell
