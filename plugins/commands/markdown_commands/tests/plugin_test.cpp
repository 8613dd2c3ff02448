// The plugin as a whole, in a host in memory whose tool Bash is the test's.
#include <gtest/gtest.h>

#include <filesystem>

#include "plugins/common/documents/tests/temporary_tree.h"
#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::markdown_commands {
namespace {

using testing::FakeHost;
using testing::FakeRequest;
using testing::LoadedPlugin;

class MarkdownCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    plugin_ = std::make_unique<LoadedPlugin>(host_, tutti_plugin_entry.create);
    const std::string config = R"({"directories":[{"path":")" + tree_.PathOf("home/.claude/commands") +
                               R"(","source":"user"},{"path":")" + tree_.PathOf("work/.claude/commands") +
                               R"(","source":"project","beneath":")" + tree_.PathOf("work") +
                               R"("}],"max_argument_bytes":1000,"max_shell_commands":2})";
    ASSERT_TRUE(plugin_->Start(config).ok());
    host_.OnCommands([](const FakeRequest& request) -> Result<std::string> {
      const std::string command((*Json::Parse(request.body))["command"].AsString());
      if (command == "denied") {
        return Status::PermissionDenied("the guard said no");
      }
      const bool is_error = command == "false";
      const std::string text = command == "true" ? "[no output]" : "output of " + command + "\n";
      return R"({"content":[{"type":"text","text":)" + JsonQuote(text) + R"(}],"is_error":)" +
             (is_error ? "true" : "false") + R"(,"output_bytes":)" + (command == "true" ? "0" : "5") + "}";
    });
  }

  void Write(const std::string& name, const std::string& text) const {
    tree_.Write("work/.claude/commands/" + name, text);
  }

  Json List() { return std::move(*Json::Parse(*plugin_->Invoke("slash.list", "{}"))); }

  Result<std::string> Expand(const std::string& name, const std::string& arguments = {},
                             const std::string& by = "user") {
    return plugin_->Invoke("slash.expand",
                           JsonObject()("name", name)("arguments", arguments)("session_id", "s-1")("by", by).Take());
  }

  // What the model sees, without the tags.
  std::string Text(const std::string& name, const std::string& arguments = {}) {
    const Result<std::string> result = Expand(name, arguments);
    if (!result.ok()) {
      return result.status().ToString();
    }
    const Json json = std::move(*Json::Parse(*result));
    const std::string text(json["text"].AsString());
    return text.substr(text.find("\n\n") + 2);
  }

  documents::TemporaryTree tree_;
  FakeHost host_;
  std::unique_ptr<LoadedPlugin> plugin_;
};

TEST_F(MarkdownCommandsTest, ListsByNameWithTheUsersFirst) {
  EXPECT_EQ(List()["commands"].size(), 0U);
  Write("plan.md", "---\ndescription: Plan\nargument-hint: [topic]\nmodel: opus\nallowed-tools: Read\n---\nPlan.");
  Write("git/commit.md", "Commit.");
  Write("odd.md", "---\n- a\n---\nOdd.");
  tree_.Write("home/.claude/commands/plan.md", "Mine.");
  const Json list = List();
  const JsonView commands = list["commands"];
  ASSERT_EQ(commands.size(), 3U) << commands.Dump();
  EXPECT_EQ(
      commands[0].Dump(),
      R"({"name":"git:commit","description":"","arguments":"","model":"","allowed_tools":[],)"
      R"("disable_model_invocation":false,"user_invocable":true,"when_to_use":"","ignored":[],"source":"project",)"
      R"("path":")" +
          tree_.PathOf("work/.claude/commands/git/commit.md") + R"(","error":null})");
  EXPECT_EQ(commands[1]["name"].AsString(), "odd");
  EXPECT_NE(commands[1]["error"].AsString().find("odd.md:2: expected lines"), std::string_view::npos);
  EXPECT_EQ(commands[2]["source"].AsString(), "user");
  tree_.Remove("home");
  const Json changed = List();
  EXPECT_EQ(changed["commands"][2]["description"].AsString(), "Plan");
  EXPECT_EQ(changed["commands"][2]["arguments"].AsString(), "[topic]");
  EXPECT_EQ(changed["commands"][2]["allowed_tools"].Dump(), R"(["Read"])");
}

TEST_F(MarkdownCommandsTest, ExpandsWithTagsModelAndTools) {
  Write("a/plan.md",
        "---\nmodel: opus\nallowed-tools: [Read]\ndisallowed-tools: Write\n---\nPlan $0 in ${CLAUDE_SESSION_ID}.");
  const Result<std::string> result = Expand("/a:plan", "\"the roof\"");
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(
      *result,
      R"({"name":"a:plan","text":"<command-message>a:plan</command-message>\n<command-name>/a:plan</command-name>\n)"
      R"(<command-args>\"the roof\"</command-args>\n\nPlan the roof in s-1.","model":"opus",)"
      R"("allowed_tools":["Read"],"disallowed_tools":["Write"]})");
}

TEST_F(MarkdownCommandsTest, ArgumentsThatNoPlaceTookAreAppended) {
  Write("plan.md", "Plan.\n");
  EXPECT_EQ(Text("plan", "the roof "), "Plan.\n\n\nARGUMENTS: the roof");
  EXPECT_EQ(Text("plan"), "Plan.");
}

TEST_F(MarkdownCommandsTest, ShellCommandsRunThroughTheToolBashInOrder) {
  Write("status.md", "---\nallowed-tools: Bash(git:*), Bash(true)\n---\nNow:\n!`git status`\n```!\ntrue\n```\nend $0");
  EXPECT_EQ(Text("status", "x"), "Now:\noutput of git status\n\nend x");
  const std::vector<FakeRequest> requests = host_.Requests("commands");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].name, "Bash");
  EXPECT_EQ(requests[0].body, R"({"command":"git status"})");
  EXPECT_NE(requests[0].parent, 0U);
}

TEST_F(MarkdownCommandsTest, NothingRunsWhenOneOfThemMayNot) {
  Write("bad.md", "---\nallowed-tools: Bash(git:*)\n---\n!`git status` !`rm x`");
  const Result<std::string> result = Expand("bad");
  EXPECT_EQ(result.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(result.status().message().find("/bad: the command `rm x` has a part that no rule"), std::string_view::npos)
      << result.status().ToString();
  Write("typed.md", "---\nallowed-tools: Bash(git log:*)\n---\n!`git log $ARGUMENTS`");
  EXPECT_EQ(Expand("typed", "main; rm x").status().code(), Code::kFailedPrecondition);
  Write("many.md", "---\nallowed-tools: Bash\n---\n!`a` !`b` !`c`");
  EXPECT_NE(Expand("many").status().message().find("at most 2 shell commands"), std::string_view::npos);
  Write("power.md", "---\nallowed-tools: Bash\nshell: powershell\n---\n!`a`");
  EXPECT_NE(Expand("power").status().message().find("there is only bash"), std::string_view::npos);
  EXPECT_TRUE(host_.Requests("commands").empty());
}

TEST_F(MarkdownCommandsTest, ACommandThatFailsOrIsDeniedFailsTheWhole) {
  Write("false.md", "---\nallowed-tools: Bash\n---\n!`false`");
  EXPECT_EQ(Expand("false").status().ToString(),
            "FAILED_PRECONDITION: /false: the command `false` failed: output of false\n");
  Write("denied.md", "---\nallowed-tools: Bash\n---\n!`denied`");
  EXPECT_EQ(Expand("denied").status().ToString(),
            "FAILED_PRECONDITION: /denied: the command `denied` failed: the guard said no");
  host_.OnCommands([](const FakeRequest&) { return Result<std::string>(Status::NotFound("no such tool")); });
  EXPECT_NE(Expand("false").status().message().find("enable the plugin tutti.commands.workspace"),
            std::string_view::npos);
}

TEST_F(MarkdownCommandsTest, RefusesWithASentence) {
  Write("plan.md", "Plan.");
  Write("odd.md", "---\n- a\n---\nOdd.");
  Write("users.md", "---\ndisable-model-invocation: true\n---\nX.");
  Write("models.md", "---\nuser-invocable: false\n---\nX.");
  EXPECT_EQ(Expand("paln").status().ToString(), "NOT_FOUND: there is no command /paln; did you mean 'plan'?");
  EXPECT_EQ(Expand("odd").status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(Expand("users", "", "model").status().code(), Code::kPermissionDenied);
  EXPECT_TRUE(Expand("users").ok());
  EXPECT_EQ(Expand("models").status().code(), Code::kPermissionDenied);
  EXPECT_TRUE(Expand("models", "", "model").ok());
  EXPECT_NE(Expand("plan", std::string(1001, 'x')).status().message().find("at most 1000 bytes"),
            std::string_view::npos);
}

TEST_F(MarkdownCommandsTest, ALinkOutOfTheWorkingDirectoryIsNotRead) {
  tree_.Write("secret", "key");
  tree_.MakeDirectory("work/.claude/commands");
  tree_.Link("work/.claude/commands/leak.md", "../../../secret");
  const Result<std::string> result = Expand("leak");
  EXPECT_EQ(result.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(result.status().message().find("leads out"), std::string_view::npos) << result.status().ToString();
}

TEST_F(MarkdownCommandsTest, ADirectoryThatCannotBeReadIsLoggedOnceAndTheOthersGoOn) {
  tree_.Write("home/.claude", "a file");
  Write("plan.md", "Plan.");
  EXPECT_EQ(List()["commands"].size(), 1U);
  EXPECT_EQ(List()["commands"].size(), 1U);
  ASSERT_EQ(host_.records().logs().size(), 1U);
  EXPECT_NE(host_.records().logs()[0].fields.find("Not a directory"), std::string::npos);
}

TEST(MarkdownCommands, ADirectoryOutsideOfItsBoundIsRefusedAtTheStart) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  const Status status = plugin.Start(R"({"directories":[{"path":"/a","beneath":"/b"}]})");
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tutti::markdown_commands
