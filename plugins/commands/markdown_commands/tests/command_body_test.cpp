#include "command_body.h"

#include <gtest/gtest.h>

#include "arguments.h"

namespace tutti::markdown_commands {
namespace {

// Commands to run are shown as <command>.
std::string Shown(const ExpandedBody& body) {
  std::string text;
  for (const ExpandedPart& part : body.parts) {
    text += part.is_shell ? "<" + part.text + ">" : part.text;
  }
  return text + (body.used_arguments ? "" : " (unused)");
}

struct Case {
  const char* body;
  const char* typed;
  const char* expected;
};

void Check(const std::vector<Case>& cases, const std::vector<std::string>& names = {}) {
  for (const Case& one : cases) {
    Invocation invocation;
    invocation.typed = one.typed;
    invocation.arguments = SplitArguments(one.typed);
    invocation.session = "s-1";
    invocation.directory = "/w/.claude/commands";
    const Result<ExpandedBody> body = CommandBody(one.body, names).Expand(invocation, 10000);
    ASSERT_TRUE(body.ok()) << body.status().ToString();
    EXPECT_EQ(Shown(*body), one.expected) << one.body << " with " << one.typed;
  }
}

TEST(CommandBody, PlacesTakeTheirArguments) {
  Check({
      {"Fix $ARGUMENTS!", "a  \"b c\"", "Fix a  \"b c\"!"},
      {"Fix $ARGUMENTS", "", "Fix "},
      {"[$ARGUMENTS[0]] [$ARGUMENTS[1]]", "a \"b c\"", "[a] [b c]"},
      {"$0-$1-$2", "a b c", "a-b-c"},
      {"first $0, second $1", "\"Ann Lee\" Bob", "first Ann Lee, second Bob"},
      {"$10 $1", "a b", "$10 b"},
      {"$ARGUMENTS[x] $ARGUMENTS[", "a", "a[x] a["},
      {"$ARGUMENTSX $ARGUMENTS_", "a", "$ARGUMENTSX $ARGUMENTS_ (unused)"},
      {"$0th $0.", "a", "$0th a."},
      {"$99999999999999999999", "a", "$99999999999999999999 (unused)"},
      {"$ $$0 $", "a", "$ $a $"},
      {"", "a", " (unused)"},
  });
}

TEST(CommandBody, WhatHasNoArgumentStaysAndCountsAsUnused) {
  Check({
      {"costs $5.00", "a", "costs $5.00 (unused)"},
      {"only $2", "a b", "only $2 (unused)"},
      {"$ARGUMENTS[7]", "a", "$ARGUMENTS[7] (unused)"},
      {"$0 and $2", "a", "a and $2"},
  });
}

TEST(CommandBody, ABackslashKeepsAPlaceAsText) {
  Check({
      {"\\$1 is $1", "a b", "$1 is b"},
      {"\\$ARGUMENTS", "a", "$ARGUMENTS (unused)"},
      {"\\$ARGUMENTS[0]", "a", "$ARGUMENTS[0] (unused)"},
      {"\\$x \\n \\", "a", "\\$x \\n \\ (unused)"},
  });
}

TEST(CommandBody, NamesStandForTheirPlaces) {
  Check(
      {
          {"$file in $branch", "a.cpp main", "a.cpp in main"},
          {"$file-name|$files|$filex", "a b c", "c|$files|$filex"},
          {"$branch", "a", "$branch (unused)"},
          {"\\$file", "a", "$file (unused)"},
          {"$file.", "a", "a."},
      },
      {"file", "branch", "file-name"});
}

TEST(CommandBody, VariablesOfTheSessionAreFilledIn) {
  Check({
      {"${CLAUDE_SESSION_ID} ${CLAUDE_SKILL_DIR}/x ${CLAUDE_PLUGIN_ROOT}", "",
       "s-1 /w/.claude/commands/x ${CLAUDE_PLUGIN_ROOT} (unused)"},
  });
  const Result<ExpandedBody> body = CommandBody("${CLAUDE_SESSION_ID}", {}).Expand({}, 100);
  EXPECT_EQ(Shown(*body), "${CLAUDE_SESSION_ID} (unused)");
}

TEST(CommandBody, ShellCommandsStandAtTheStartOfALineOrBehindWhiteSpace) {
  Check({
      {"!`ls`", "", "<ls> (unused)"},
      {"a !`ls` b\n!`pwd`\t!`id`", "", "a <ls> b\n<pwd>\t<id> (unused)"},
      {"x=!`ls`", "", "x=!`ls` (unused)"},
      {"!`ls", "", "!`ls (unused)"},
      {"!``", "", "!`` (unused)"},
      {"!`ls\n`", "", "!`ls\n` (unused)"},
      {"`!`ls`", "", "`!`ls` (unused)"},
      {"!`git log $0`", "main x", "<git log main>"},
      {"see @README.md and @$0", "x.cpp", "see @README.md and @x.cpp"},
  });
}

TEST(CommandBody, BlocksRunAsAWhole) {
  Check({
      {"a\n```!\nls\npwd\n```\nb", "", "a\n<ls\npwd\n>\nb (unused)"},
      {"```!\nls $0\n```", "x", "<ls x\n>"},
      {"```! \n```", "", "<> (unused)"},
      {"```!\nls", "", "```!\nls (unused)"},
      {"```!\nls\n````", "", "```!\nls\n```` (unused)"},
      {"```sh\nls\n```", "", "```sh\nls\n``` (unused)"},
      {"say ```!\nls\n```", "", "say ```!\nls\n``` (unused)"},
  });
}

TEST(CommandBody, ArgumentsAreTextWhateverTheyLookLike) {
  Check({
      {"$ARGUMENTS", "!`rm -rf x` $0", "!`rm -rf x` $0"},
      {"$0 $1", "$1 $0", "$1 $0"},
      {"\n$ARGUMENTS", "```!\nls\n```", "\n```!\nls\n```"},
  });
}

TEST(CommandBody, TheTextIsBounded) {
  std::string body;
  for (int i = 0; i < 1000; ++i) {
    body += "$ARGUMENTS";
  }
  const std::string typed(1000, 'x');
  Invocation invocation;
  invocation.typed = typed;
  EXPECT_EQ(CommandBody(body, {}).Expand(invocation, 999999).status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(CommandBody(body, {}).Expand(invocation, 1000000).ok());
}

}  // namespace
}  // namespace tutti::markdown_commands
