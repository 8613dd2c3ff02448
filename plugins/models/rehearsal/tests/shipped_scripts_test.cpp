#include "shipped_scripts.h"

#include <gtest/gtest.h>

#include "performance.h"
#include "requests.h"

namespace tutti::rehearsal {
namespace {

const std::vector<std::string> kOrchestratorTools{"mcp__mgmt__create_agent",
                                                  "mcp__mgmt__list_agents",
                                                  "mcp__mgmt__command_agent",
                                                  "mcp__mgmt__interrupt_agent",
                                                  "mcp__mgmt__delete_agent",
                                                  "Bash",
                                                  "Read"};
const std::vector<std::string> kAgentTools{"Read", "Write", "Edit", "Bash", "Glob", "Grep"};
constexpr const char* kRequest =
    "create an agent named scout that lists the files here, then tell it to write NOTES.md";

class ShippedScriptsTest : public testing::Test {
 protected:
  ShippedScriptsTest() : book_(Load()) {}

  static std::vector<Script> Load() {
    std::vector<Script> scripts;
    auto shipped = ShippedScripts();
    shipped.push_back(FallbackScript());
    for (const auto& script : shipped) {
      auto parsed = ParseScript(script.yaml, script.name);
      EXPECT_TRUE(parsed.ok()) << parsed.status().ToString();
      scripts.push_back(std::move(*parsed));
    }
    return scripts;
  }

  // The message's first tool call as "Name {input}", else its text.
  std::string Play(const Conversation& talk) {
    const auto situation = ReadSituation(talk.Request());
    const auto choice = book_.Choose(*situation);
    EXPECT_TRUE(choice.ok()) << choice.status().ToString();
    const Performance played = Stage(*choice, *situation, {}, "1");
    const auto result = Json::Parse(played.result);
    std::string text;
    std::string call;
    (*result)["content"].ForEach([&](JsonView block) {
      text += block["text"].AsString();
      if (block["type"].AsString() == "tool_use") {
        call = std::string(block["name"].AsString()) + " " + block["input"].Dump();
      }
    });
    return call.empty() ? text : call;
  }

  Playbook book_;
};

TEST_F(ShippedScriptsTest, OrchestratorCreatesThenCommandsThenCloses) {
  Conversation talk(kOrchestratorTools);
  talk.Ask(kRequest);
  EXPECT_EQ(Play(talk),
            "mcp__mgmt__create_agent {\"name\":\"scout\",\"system_prompt\":\"You are scout, an agent that "
            "lists the files here. Work in the current directory and answer briefly.\"}");
  talk.Call("t1", "mcp__mgmt__create_agent").Answer("t1", "Agent 'scout' created");
  EXPECT_EQ(Play(talk), "mcp__mgmt__command_agent {\"agent_name\":\"scout\",\"command\":\"write NOTES.md\"}");
  talk.Call("t2", "mcp__mgmt__command_agent").Answer("t2", "dispatched");
  EXPECT_NE(Play(talk).find("handed over"), std::string::npos);
}

TEST_F(ShippedScriptsTest, OrchestratorTellsWhenAToolFails) {
  Conversation talk(kOrchestratorTools);
  talk.Ask(kRequest).Call("t1", "mcp__mgmt__create_agent").Answer("t1", "the name is in use", true);
  EXPECT_EQ(Play(talk), "That did not work: the name is in use");
}

TEST_F(ShippedScriptsTest, AgentListsThenWritesWhatItFound) {
  Conversation talk(kAgentTools, "You are scout, an agent that lists the files here.");
  talk.Ask("You have just been created. Answer with one short sentence that says who you are and that you are ready.");
  EXPECT_EQ(Play(talk), "scout is ready.");
  talk.Say("scout is ready.").Ask("write NOTES.md");
  EXPECT_EQ(Play(talk), "Glob {\"pattern\":\"*\"}");
  talk.Call("t1", "Glob").Answer("t1", "README.md\nsrc");
  EXPECT_EQ(Play(talk),
            "Write {\"file_path\":\"NOTES.md\",\"content\":\"# Notes\\n\\nFiles here:\\n\\nREADME.md\\nsrc\\n\"}");
  talk.Call("t2", "Write").Answer("t2", "written");
  EXPECT_EQ(Play(talk), "I wrote NOTES.md.");
}

TEST_F(ShippedScriptsTest, PhrasesAreUnderstoodWithoutCase) {
  const struct {
    const char* prompt;
    const char* expected;
  } cases[] = {
      {"Create an agent called Builder-2", "mcp__mgmt__create_agent {\"name\":\"Builder-2\""},
      {"please CREATE a new agent named \"x\" to tidy up.",
       "mcp__mgmt__create_agent {\"name\":\"x\",\"system_prompt\":\"You are x, an agent that tidy up."},
      {"Tell scout to list the files.",
       "mcp__mgmt__command_agent {\"agent_name\":\"scout\",\"command\":\"list the files\"}"},
      {"ask the agent scout to read A.md",
       "mcp__mgmt__command_agent {\"agent_name\":\"scout\",\"command\":\"read A.md\"}"},
      {"List agents", "mcp__mgmt__list_agents {}"},
      {"which agents are there?", "mcp__mgmt__list_agents {}"},
      {"report", "mcp__mgmt__list_agents {}"},
      {"Interrupt scout", "mcp__mgmt__interrupt_agent {\"agent_name\":\"scout\"}"},
      {"delete agent scout", "mcp__mgmt__delete_agent {\"agent_name\":\"scout\"}"},
      {"Hello!", "Hello. I am the orchestrator"},
      {"what is the meaning of life", "I am the rehearsal model"},
  };

  for (const auto& [prompt, expected] : cases) {
    const std::string played = Play(Conversation(kOrchestratorTools).Ask(prompt));
    EXPECT_TRUE(played.starts_with(expected)) << prompt << "\n" << played;
  }
}

TEST_F(ShippedScriptsTest, AgentCommandsUseTheMatchingTool) {
  const struct {
    const char* prompt;
    const char* expected;
  } cases[] = {
      {"list the files here", "Glob {\"pattern\":\"*\"}"},
      {"read src/main.cpp", "Read {\"file_path\":\"src/main.cpp\"}"},
      {"run `ls -l`", "Bash {\"command\":\"ls -l\"}"},
      {"search for TODO", "Grep {\"pattern\":\"TODO\"}"},
      {"write hello.txt with the text good day", "Write {\"file_path\":\"hello.txt\",\"content\":\"good day\\n\"}"},
      {"compose an opera", "I am the rehearsal model"},
  };

  for (const auto& [prompt, expected] : cases) {
    EXPECT_TRUE(Play(Conversation(kAgentTools).Ask(prompt)).starts_with(expected)) << prompt;
  }
}

TEST_F(ShippedScriptsTest, RequestWithoutToolsGetsAnHonestText) {
  EXPECT_TRUE(Play(Conversation({}).Ask(kRequest)).starts_with("I am the rehearsal model"));
}

}  // namespace
}  // namespace tutti::rehearsal
