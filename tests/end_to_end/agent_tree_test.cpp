// Agents that agents create: where they stand, and how they are stopped together.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class AgentTree : public Orchestrator {
 protected:
  // An agent that may create and command others.
  std::string CreateLead() {
    WriteTemplate("lead.md",
                  "name: lead\ndescription: leads\ntools: [mcp__mgmt__create_agent, mcp__mgmt__command_agent, Read]");
    SayAndWait("create lead from lead");
    return std::string(FindAgent("lead")["id"].AsString());
  }

  std::string Value(const std::string& sql, const std::vector<std::string>& values) {
    const auto rows = Rows(sql, values);
    return rows.empty() ? "no row" : rows.at(0).begin()->second;
  }
};

TEST_F(AgentTree, AgentThatAnAgentCreatesStandsBelowIt) {
  const std::string lead = CreateLead();
  ASSERT_FALSE(lead.empty()) << LastLine();
  CommandAndWait("lead", "create helper");
  const Json helper = FindAgent("helper");
  const std::string id(helper["id"].AsString());
  ASSERT_FALSE(id.empty()) << server().output();
  const std::string tree = "/" + id_ + "/" + lead + "/" + id + "/";
  EXPECT_EQ(Value("SELECT tree FROM agents WHERE id = ?", {id}), tree);
  EXPECT_EQ(Value("SELECT parent_agent_id FROM agents WHERE id = ?", {id}), lead);
  EXPECT_EQ(Value("SELECT depth FROM agents WHERE id = ?", {id}), "2");
  EXPECT_EQ(Value("SELECT tree FROM runs_runs WHERE agent = ?", {id}), tree);
  EXPECT_EQ(Value("SELECT tree FROM agents WHERE id = ?", {lead}), "/" + id_ + "/" + lead + "/");
  EXPECT_EQ(Value("SELECT tree FROM runs_runs WHERE agent = ?", {id_}), "/" + id_ + "/");
  // The console's list has exactly the members of the contract.
  EXPECT_FALSE(helper["tree"]);
  EXPECT_FALSE(helper["parent_agent_id"]);
  // Every event of it says where it stands.
  int events = 0;
  Get("/v1/events?limit=1000").json().view()["events"].ForEach([&](JsonView event) {
    if (event["agent"].AsString() == id) {
      ++events;
      EXPECT_EQ(event["tree"].AsString(), tree) << event.Dump();
    }
  });
  EXPECT_GT(events, 3);
}

TEST_F(AgentTree, AgentIsStoppedTogetherWithThoseBelowIt) {
  CreateLead();
  CommandAndWait("lead", "create helper");
  CreateAgent("other");
  const std::string other(FindAgent("other")["id"].AsString());
  const int first = static_cast<int>(client().messages().size());
  CommandAndWait("lead", "command helper wait for go");
  SayAndWait("command other talk slowly");
  const std::string helper(FindAgent("helper")["id"].AsString());
  ASSERT_GE(WaitForStatus(helper, "executing", first), 0);
  ASSERT_GE(WaitForStatus(other, "executing", first), 0);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!std::filesystem::exists(working_directory_ + "/begun")) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << server().output();
    std::this_thread::yield();
  }
  SayAndWait("/stop lead");
  EXPECT_EQ(LastLine(), "Stopped 'lead' and all that it created: 1 turn(s).");
  EXPECT_EQ(FindAgent("helper")["status"].AsString(), "idle");
  EXPECT_EQ(FindAgent("other")["status"].AsString(), "executing");
  SayAndWait("/stop all");
  EXPECT_EQ(FindAgent("other")["status"].AsString(), "idle");
  SayAndWait("/stop all");
  EXPECT_EQ(LastLine(), "Nothing is running.");
  SayAndWait("/stop nobody");
  EXPECT_NE(LastLine().find("nobody"), std::string::npos) << LastLine();
}

}  // namespace
}  // namespace tutti::test
