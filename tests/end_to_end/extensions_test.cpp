// Slash commands and agent templates from files, over the wire.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/support/sorted_json.h"

namespace tutti::test {
namespace {

class Extensions : public Orchestrator {
 protected:
  std::string Listed(const char* what) { return Get("/get_orchestrator").json()[what].Dump(); }

  HttpAnswer Expand(const std::string& name, const std::string& arguments = {}) {
    return Post("/v1/commands/slash.expand",
                JsonObject()("name", name)("arguments", arguments)("session_id", "s-1").Take());
  }

  static std::string Count(const std::vector<DatabaseView::Row>& rows) { return rows.at(0).at("n"); }
};

TEST_F(Extensions, O8_SlashCommandsAreThoseOfTheFilesAsTheyAreNow) {
  EXPECT_EQ(Listed("slash_commands"), "[]");
  WriteWorkFile(".claude/commands/plan.md",
                "---\ndescription: Write a plan\nargument-hint: [topic] | [file]\nmodel: opus\n"
                "allowed-tools: Read, Bash(git log:*)\ndisable-model-invocation: true\n---\nPlan $ARGUMENTS.\n");
  WriteWorkFile(".claude/commands/bare.md", "Just text.\n");
  WriteWorkFile(".claude/commands/Upper.md", "Sorted before the small letters.\n");
  WriteWorkFile(".claude/commands/git/commit.md", "---\ndescription: Commit\n---\nCommit.\n");
  EXPECT_EQ(Listed("slash_commands"),
            R"([{"name":"Upper","description":"","arguments":"","model":"","allowed_tools":[],)"
            R"("disable_model_invocation":false},)"
            R"({"name":"bare","description":"","arguments":"","model":"","allowed_tools":[],)"
            R"("disable_model_invocation":false},)"
            R"({"name":"git:commit","description":"Commit","arguments":"","model":"","allowed_tools":[],)"
            R"("disable_model_invocation":false},)"
            R"({"name":"plan","description":"Write a plan","arguments":"[topic] | [file]","model":"opus",)"
            R"x("allowed_tools":["Read","Bash(git log:*)"],"disable_model_invocation":true}])x");
  // What the first turn captures of the server is the same list.
  SayAndWait("say hello");
  const Json after = Get("/get_orchestrator").json();
  EXPECT_EQ(SortedJson(after["orchestrator"]["metadata"]["system_message_info"]["slash_commands"]),
            SortedJson(after["slash_commands"]));
  WriteHomeFile(".claude/commands/plan.md", "---\ndescription: My plan\n---\nPlan.\n");
  EXPECT_NE(Listed("slash_commands").find(R"("name":"plan","description":"My plan")"), std::string::npos);
}

TEST_F(Extensions, O8_W22_OddFrontMatterIsListedWithEmptyFields) {
  const std::pair<const char*, const char*> files[] = {
      {"list.md", "---\n- a\n- b\n---\nText.\n"},
      {"syntax.md", "---\ndescription: a: b: c\n---\nText.\n"},
      {"types.md", "---\ndescription: [a]\nmodel: opus\n---\nText.\n"},
      {"open.md", "---\ndescription: d\n"},
      {"empty.md", ""},
  };
  for (const auto& [name, text] : files) {
    WriteWorkFile(std::string(".claude/commands/") + name, text);
  }
  std::filesystem::create_symlink("round.md", working_directory_ + "/.claude/commands/round.md");
  std::filesystem::create_symlink("..", working_directory_ + "/.claude/commands/loop");
  const HttpAnswer answer = Get("/get_orchestrator");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = answer.json();
  ASSERT_EQ(json["slash_commands"].size(), 6U) << json["slash_commands"].Dump();
  json["slash_commands"].ForEach([](JsonView command) {
    EXPECT_EQ(std::string(command["description"].AsString()) + std::string(command["model"].AsString()), "")
        << command.Dump();
    EXPECT_EQ(command["allowed_tools"].size(), 0U);
  });
  const Json list = Post("/v1/commands/slash.list", "{}").json();
  list["commands"].ForEach([](JsonView command) {
    EXPECT_EQ(command["error"].is_null(), command["name"].AsString() == "empty") << command.Dump();
  });
}

TEST_F(Extensions, SlashCommandsRunTheirShellCommandsUnderTheGuardAndTheConfinement) {
  WriteWorkFile("notes.txt", "buy milk\n");
  WriteWorkFile(".claude/commands/notes.md",
                "---\nallowed-tools: Bash(cat:*)\nmodel: haiku\n---\nNotes:\n!`cat $0`\nAnswer $1.\n");
  const HttpAnswer answer = Expand("notes", "notes.txt \"in one word\"");
  ASSERT_EQ(answer.status, 200) << answer.body << server().output();
  EXPECT_EQ(answer.json()["text"].AsString(),
            "<command-message>notes</command-message>\n<command-name>/notes</command-name>\n"
            "<command-args>notes.txt \"in one word\"</command-args>\n\nNotes:\nbuy milk\nAnswer in one word.");
  EXPECT_EQ(answer.json()["model"].AsString(), "haiku");

  // Neither the arguments nor the file itself get past what holds for agents.
  EXPECT_EQ(Expand("notes", "\"notes.txt; touch x\"").status, 409);
  WriteWorkFile(".claude/commands/wipe.md", "---\nallowed-tools: Bash\n---\n!`rm -rf /`\n");
  const HttpAnswer wiped = Expand("wipe");
  EXPECT_EQ(wiped.status, 409) << wiped.body;
  EXPECT_NE(wiped.body.find("Deleting whole directories"), std::string::npos) << wiped.body;
  WriteHomeFile("secret", "key");
  std::filesystem::create_symlink("../../../home/secret", working_directory_ + "/.claude/commands/link.md");
  EXPECT_NE(Expand("link").status, 200);
  EXPECT_EQ(Expand("nothing").status, 404);
}

TEST_F(Extensions, O9_TemplatesOfTheProjectAndTheHomeAndOfYamlAreOneList) {
  WriteTemplate("scout.md", "name: scout\ndescription: The project's\ntools: [Read, Grep]");
  WriteTemplate("deep/builder.md", "name: builder\ndescription: Deep\ntools: Read, Write");
  WriteHomeFile(".claude/agents/scout.md", "---\nname: scout\ndescription: The user's\n---\nYou.\n");
  WriteHomeFile(".claude/agents/mine.md", "---\nname: mine\ndescription: The user's\n---\nYou.\n");
  WriteWorkFile(".tutti/templates/plain.yaml", "name: plain\ndescription: In YAML\nprompt: You are plain.\n");
  EXPECT_EQ(Listed("agent_templates"),
            R"([{"name":"builder","description":"Deep"},{"name":"mine","description":"The user's"},)"
            R"({"name":"plain","description":"In YAML"},{"name":"scout","description":"The project's"}])");
  SayAndWait("create lookout from plain");
  EXPECT_EQ(FindAgent("lookout")["system_prompt"].AsString(), "You are plain.") << LastLine();
}

TEST_F(Extensions, O9_W20_W21_TemplatesWithoutToolsAndThoseAddedLaterCanBeUsed) {
  EXPECT_EQ(Listed("agent_templates"), "[]");
  WriteTemplate("free.md", "name: free\ndescription: No tools named");
  WriteTemplate("bad.md", "name: bad\ndescription: [no, text]");
  EXPECT_EQ(Listed("agent_templates"), R"([{"name":"free","description":"No tools named"}])");
  const Json all = Get("/v1/templates").json();
  EXPECT_EQ(all["templates"].size(), 2U) << all.view().Dump();
  all["templates"].ForEach([](JsonView item) {
    EXPECT_EQ(item["error"].AsString().empty(), item["name"].AsString() == "free") << item.Dump();
  });
  SayAndWait("create lookout from free");
  ASSERT_FALSE(FindAgent("lookout").view().is_null()) << LastLine();
  CommandAndWait("lookout", "work");  // which asks for Glob, a default tool
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM agent_logs WHERE event_type = 'PreToolUse'")), "1");
}

TEST_F(Extensions, O9_W19_WhatATemplateTakesAwayAndItsLimitHoldInEveryTurn) {
  WriteTemplate("quiet.md", "name: quiet\ndescription: d\ndisallowedTools: Bash, Glob");
  WriteTemplate("brief.md", "name: brief\ndescription: d\nmaxTurns: 1\nhooks: {}");
  SayAndWait("create lookout from quiet");
  for (int turn = 0; turn < 2; ++turn) {
    CommandAndWait("lookout", "work");
  }
  EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM agent_logs WHERE event_type = 'PreToolUse'")), "0");
  SayAndWait("create hasty from brief");
  const std::string id(FindAgent("hasty")["id"].AsString());
  for (int turn = 1; turn <= 2; ++turn) {
    CommandAndWait("hasty", "work");
    EXPECT_EQ(Count(Rows("SELECT count(*) AS n FROM runs_runs WHERE agent = ? AND stop_reason = 'max_turns'", {id})),
              std::to_string(turn));
  }
}

TEST_F(Extensions, O9_FiveThousandTemplatesAreListedAndCanBeUsed) {
  constexpr std::size_t kTemplates = 5000;
  for (std::size_t i = 0; i < kTemplates; ++i) {
    WriteTemplate("t" + std::to_string(i) + ".md", "name: t" + std::to_string(i) + "\ndescription: d");
  }
  WriteTemplate("large.md", "name: large\ndescription: " + std::string(100000, 'x'));
  // A machine under load may need longer for the first look than a source is given; what it read by then stays read.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::size_t listed = 0;
  while (listed == 0 && std::chrono::steady_clock::now() < deadline) {
    listed = Get("/get_orchestrator").json()["agent_templates"].size();
  }
  EXPECT_EQ(listed, kTemplates) << server().output();
  SayAndWait("create lookout from t4999");
  EXPECT_EQ(FindAgent("lookout")["system_prompt"].AsString(), "You are made from t4999.md.") << LastLine();
}

TEST_F(Extensions, O9_LoopsOfLinksBreakNothing) {
  WriteTemplate("scout.md", "name: scout\ndescription: d");
  std::filesystem::create_symlink(".", working_directory_ + "/.claude/agents/loop");
  std::filesystem::create_symlink("/", working_directory_ + "/.claude/agents/root");
  std::filesystem::create_symlink("round.md", working_directory_ + "/.claude/agents/round.md");
  EXPECT_EQ(Listed("agent_templates"), R"([{"name":"scout","description":"d"}])");
}

class WithoutExtensions : public Extensions {
 protected:
  WithoutExtensions() {
    left_out_ = {"tutti.templates.markdown", "tutti.templates.yaml", "tutti.commands.markdown_commands"};
  }

  void SetUp() override {
    const char* isolated = std::getenv("TUTTI_TEST_ISOLATE");
    if (isolated != nullptr && std::string_view(isolated) == "templates") {
      GTEST_SKIP() << "no plugin of that kind is left";
    }
    Extensions::SetUp();
  }
};

TEST_F(WithoutExtensions, TheRestWorks) {
  WriteTemplate("scout.md", "name: scout\ndescription: d");
  WriteWorkFile(".claude/commands/plan.md", "Plan.\n");
  EXPECT_EQ(Listed("slash_commands"), "[]");
  EXPECT_EQ(Listed("agent_templates"), "[]");
  EXPECT_EQ(Expand("plan").status, 404);
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  SayAndWait("create lookout from scout");
  EXPECT_NE(LastLine().find("no templates"), std::string::npos) << LastLine();
}

}  // namespace
}  // namespace tutti::test
