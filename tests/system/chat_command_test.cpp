// `tutti chat` against a running server: what it prints and how it ends.
#include <filesystem>
#include <string>

#include "tests/system/command_run.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

class ChatCommand : public RunningServer {
 protected:
  CommandRun Chat(const std::vector<std::string>& rest) {
    std::vector<std::string> arguments = {"chat", "--url", "http://127.0.0.1:" + std::to_string(server().port())};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return RunTutti(arguments);
  }
};

TEST_F(ChatCommand, ShippedScriptCreatesAnAgentThatWritesTheFile) {
  Overlay("scripts", "version: 1\nplugins:\n  - {id: tutti.models.rehearsal, config: {scripts: [shipped]}}\n");
  Start();
  const CommandRun chat =
      Chat({"create an agent named scout that lists the files here, then tell it to write NOTES.md"});
  EXPECT_EQ(chat.status, 0) << chat.output;
  EXPECT_TRUE(std::filesystem::exists(working_directory_ + "/NOTES.md")) << chat.output;
  EXPECT_NE(chat.output.find("create_agent"), std::string::npos) << chat.output;
  EXPECT_NE(chat.output.find("command_agent"), std::string::npos) << chat.output;
}

TEST_F(ChatCommand, GoodTurnEndsWithZeroAndPrintsTheAnswer) {
  Start();
  const CommandRun chat = Chat({"say", "hello", "there"});
  EXPECT_EQ(chat.status, 0) << chat.output;
  EXPECT_NE(chat.output.find("hello there"), std::string::npos) << chat.output;
}

TEST_F(ChatCommand, FailedTurnEndsWithOne) {
  Start();
  const CommandRun chat = Chat({"fail"});
  EXPECT_EQ(chat.status, 1) << chat.output;
  EXPECT_NE(chat.output.find("scripted failure"), std::string::npos) << chat.output;
}

TEST_F(ChatCommand, TimeLimitEndsWithOneAndTheTurnGoesOn) {
  Start();
  const CommandRun chat = Chat({"--timeout", "1", "talk slowly"});
  EXPECT_EQ(chat.status, 1) << chat.output;
  EXPECT_NE(chat.output.find("--timeout"), std::string::npos) << chat.output;
  EXPECT_EQ(Rows("SELECT status FROM runs_runs").at(0).at("status"), "running");
}

TEST_F(ChatCommand, WithoutAServerItSaysHowToStartOne) {
  const CommandRun chat = RunTutti({"chat", "--url", "http://127.0.0.1:1", "hello"});
  EXPECT_EQ(chat.status, 1) << chat.output;
  EXPECT_NE(chat.output.find("tutti run"), std::string::npos) << chat.output;
}

TEST_F(ChatCommand, WrongTokenIsSaid) {
  Overlay("token", "version: 1\nhost: {gateway: {tokens: [{token: right}]}}\n");
  ServerProcess server(Options());
  ASSERT_TRUE(server.WaitUntilReady()) << server.output();
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const CommandRun wrong = RunTutti({"chat", "--url", url, "say hello"}, {{"TUTTI_TOKEN", "wrong"}});
  EXPECT_EQ(wrong.status, 1) << wrong.output;
  EXPECT_NE(wrong.output.find("TUTTI_TOKEN"), std::string::npos) << wrong.output;
  const CommandRun right = RunTutti({"chat", "--url", url, "say hello"}, {{"TUTTI_TOKEN", "right"}});
  EXPECT_EQ(right.status, 0) << right.output;
}

TEST_F(ChatCommand, MistypedFlagEndsWithTwo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"chat", "--ulr", "x"}, {"chta"}, {"chat"}, {"run", "--lisen", "127.0.0.1:0"}}) {
    EXPECT_EQ(RunTutti(arguments).status, 2) << arguments.front();
  }
  EXPECT_EQ(RunTutti({"--version"}).status, 0);
  for (const char* subcommand : {"run", "chat", "check", "plugins"}) {
    EXPECT_EQ(RunTutti({subcommand, "--help"}).status, 0) << subcommand;
  }
}

}  // namespace
}  // namespace tutti::test
