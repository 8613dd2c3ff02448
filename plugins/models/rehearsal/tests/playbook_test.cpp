#include "playbook.h"

#include <gtest/gtest.h>

#include "requests.h"

namespace tutti::rehearsal {
namespace {

Playbook Book(const char* yaml) {
  auto script = ParseScript(yaml, "test.yaml");
  EXPECT_TRUE(script.ok()) << script.status().ToString();
  std::vector<Script> scripts;
  scripts.push_back(std::move(*script));
  return Playbook(std::move(scripts));
}

std::string Chosen(Playbook& book, const Conversation& conversation) {
  const auto situation = ReadSituation(conversation.Request());
  EXPECT_TRUE(situation.ok()) << situation.status().ToString();
  const auto choice = book.Choose(*situation);
  return choice.ok() ? choice->scene->name : std::string(choice.status().ToString());
}

TEST(Situation, FollowsPromptResultsAndTurns) {
  Conversation talk({"Glob", "Write"}, "You are scout.");
  talk.Ask("first").Say("ok").Ask("second").Call("t1", "Glob").Answer("t1", "a.txt", true);
  const auto situation = ReadSituation(talk.Request());
  ASSERT_TRUE(situation.ok());
  EXPECT_EQ(situation->prompt, "second");
  EXPECT_TRUE(situation->after_tool);
  EXPECT_EQ(situation->tool, "Glob");
  EXPECT_EQ(situation->result, "a.txt");
  EXPECT_TRUE(situation->is_error);
  EXPECT_EQ(situation->turn, 2);
  EXPECT_EQ(situation->system, "You are scout.");
  EXPECT_TRUE(situation->tools.contains("Write"));
}

TEST(Situation, RefusesWhatIsNoRequest) {
  EXPECT_EQ(ReadSituation("{").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(ReadSituation("{\"messages\":[]}").status().code(), Code::kInvalidArgument);
}

TEST(Playbook, ChoosesByToolResultErrorTurnSystemAndOffer) {
  Playbook book = Book(R"(
scenes:
  - {name: error, when: {tool: Glob, is_error: true}, say: [{text: x}]}
  - {name: result, when: {tool: Glob, result: 'needle'}, say: [{text: x}]}
  - {name: third, when: {turn: 3}, say: [{text: x}]}
  - {name: system, when: {system: 'pirate'}, say: [{text: x}]}
  - {name: offered, when: {offers: Bash}, say: [{text: x}]}
  - {name: prompt, when: {prompt: '^HELLO'}, say: [{text: x}]}
)");
  EXPECT_EQ(Chosen(book, Conversation({}).Ask("go").Call("t", "Glob").Answer("t", "no", true)), "error");
  EXPECT_EQ(Chosen(book, Conversation({}).Ask("go").Call("t", "Glob").Answer("t", "a needle")), "result");
  EXPECT_EQ(Chosen(book, Conversation({}).Ask("go").Call("t", "X").Answer("t", "").Call("u", "X").Answer("u", "")),
            "third");
  EXPECT_EQ(Chosen(book, Conversation({}, "a Pirate").Ask("go")), "system");
  EXPECT_EQ(Chosen(book, Conversation({"Bash"}).Ask("go")), "offered");
  EXPECT_EQ(Chosen(book, Conversation({}).Ask("hello there")), "prompt");
  EXPECT_NE(Chosen(book, Conversation({}).Ask("unknown")).find("NOT_FOUND: expected a scene"), std::string::npos);
}

TEST(Playbook, SceneForPromptsIsNotChosenAfterAToolResult) {
  Playbook book = Book(
      "scenes: [{name: prompt, when: {prompt: go}, say: [{text: x}]},"
      "{name: tool, when: {tool: '.*'}, say: [{text: x}]}]");
  EXPECT_EQ(Chosen(book, Conversation({}).Ask("go").Call("t", "X").Answer("t", "")), "tool");
}

TEST(Playbook, SceneIsPlayedNoMoreThanItsTimes) {
  Playbook book = Book("scenes: [{name: once, times: 1, say: [{text: x}]}, {name: after, say: [{text: x}]}]");
  const Conversation talk = Conversation({}).Ask("go");
  EXPECT_EQ(Chosen(book, talk), "once");
  EXPECT_EQ(Chosen(book, talk), "after");
  EXPECT_EQ(Chosen(book, talk), "after");
}

TEST(Playbook, CapturesAreNamedAndNumbered) {
  Playbook book = Book(
      R"(scenes: [{when: {prompt: 'write (\S+)', result: '(?P<first>\w+)\.txt'}, say: [{text: "${1} ${first}"}]}])");
  const auto situation =
      ReadSituation(Conversation({}).Ask("please WRITE x.md").Call("t", "Glob").Answer("t", "b.txt").Request());
  const auto choice = book.Choose(*situation);
  ASSERT_TRUE(choice.ok()) << choice.status().ToString();
  EXPECT_EQ(FillIn("${1} ${first} $${1}", choice->captures), "x.md b ${1}");
}

TEST(Placeholders, ValuesCannotChangeTheShapeOfJson) {
  EXPECT_EQ(FillInJson(R"({"a":"<${1}>","b":["${1}"],"n":1})", {{"1", "\",\"x\":\"\\\n"}}),
            R"({"a":"<\",\"x\":\"\\\n>","b":["\",\"x\":\"\\\n"],"n":1})");
}

}  // namespace
}  // namespace tutti::rehearsal
