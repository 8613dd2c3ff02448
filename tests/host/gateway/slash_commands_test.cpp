#include "host/gateway/slash_commands.h"

#include <gtest/gtest.h>

#include "tests/host/gateway/scripted_plugin.h"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

constexpr const char* kDefinitions = R"([
  {"name":"task.assign","slash":{"usage":"/task-assign ID AGENT [NOTE...]"},
   "input":{"type":"object","properties":{"id":{"type":"integer"},"agent":{"type":"string"},"note":{"type":"string"}}}},
  {"name":"task.tag","slash":{"usage":"/tag LABELS..."},
   "input":{"type":"object","properties":{"labels":{"type":"array","items":{"type":"string"}}}}},
  {"name":"task.hidden","surfaces":["rest"]}])";

class SlashCommandsTest : public testing::Test {
 protected:
  // "command args", or the error.
  std::string Parse(const std::string& text) {
    const Result<SlashCall> call = slash_.Parse(text);
    return call.ok() ? call->route->definition.name + " " + call->args : call.status().ToString();
  }

  ScriptedPlugin plugin_{kDefinitions, [](const ScriptedPlugin::Invocation&) {}};
  RoutingTablePtr table_ = plugin_.MakeTable();
  SlashCommands slash_{*table_};
};

TEST_F(SlashCommandsTest, WordsGoToTheUsagesArgumentsInOrder) {
  const std::pair<const char*, const char*> cases[] = {
      {"/task-assign 7 scout look again", R"(task.assign {"id":7,"agent":"scout","note":"look again"})"},
      {"  /task-assign  7  'a b'  ", R"(task.assign {"id":7,"agent":"a b"})"},
      {"/task-assign 7 \"say \\\"hi\\\"\"", R"(task.assign {"id":7,"agent":"say \"hi\""})"},
      {"/task-assign 7 scout it's \"so\"", R"(task.assign {"id":7,"agent":"scout","note":"it's \"so\""})"},
      {"/tag red 'deep blue'", R"(task.tag {"labels":["red","deep blue"]})"},
      {"/task.assign {\"id\": 7}", "task.assign {\"id\": 7}"},
      {"/task.assign", "task.assign "},
      {"/task-assign", "task.assign {}"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(Parse(text), expected) << text;
  }
}

TEST_F(SlashCommandsTest, FaultsNameTheUsage) {
  EXPECT_EQ(Parse("/task-assign 7 'open"),
            "INVALID_ARGUMENT: a quote in the arguments is not closed; expected /task-assign ID AGENT [NOTE...]");
  EXPECT_NE(Parse("/task-assign seven scout").find("text argument 'id'"), std::string::npos);
  EXPECT_EQ(Parse("no slash").substr(0, 16), "INVALID_ARGUMENT");
  EXPECT_EQ(Parse("/").substr(0, 16), "INVALID_ARGUMENT");
}

TEST_F(SlashCommandsTest, UnknownNamesTheNearest) {
  EXPECT_EQ(Parse("/task-asign 7"), "NOT_FOUND: there is no slash command '/task-asign'; did you mean '/task-assign'?");
  EXPECT_EQ(Parse("/task.hidden").substr(0, 9), "NOT_FOUND");
}

}  // namespace
}  // namespace tutti::host
