// Twenty agents at work at once.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

constexpr int kAgents = 20;

std::string Name(int number) {
  return "agent-" + std::to_string(number);
}

// A scene of the orchestrator in which one message uses the tool for every agent.
std::string SceneForAll(const std::string& prompt, const std::string& tool, const std::string& name_member,
                        const std::string& rest) {
  std::string scene = "  - when: {prompt: '^" + prompt + "$'}\n    say:\n";
  for (int i = 0; i < kAgents; ++i) {
    scene += "      - tool_use: {name: mcp__mgmt__" + tool + ", input: {" + name_member + ": " + Name(i) + ", " + rest +
             "}}\n";
  }
  return scene;
}

// Four model calls, the first three use a tool.
std::string StepScenes() {
  std::string scenes;
  for (int turn = 1; turn <= 3; ++turn) {
    scenes += "  - when: {prompt: '^steps$', turn: " + std::to_string(turn) + "}\n    delay_ms: 20\n    say:\n" +
              "      - text: step " + std::to_string(turn) + "\n" +
              "      - tool_use: {name: Glob, input: {pattern: '*'}}\n";
  }
  return scenes + "  - when: {prompt: '^steps$', turn: 4}\n    delay_ms: 20\n    say: [{text: finished}]\n";
}

class ManyAgents : public RunningServer, public testing::WithParamInterface<int> {};

TEST_P(ManyAgents, O48_WorkAtOnceAndEachKeepsItsOrder) {
  AddScenes(StepScenes() + SceneForAll("assemble", "create_agent", "name", "system_prompt: You work.") +
            SceneForAll("all", "command_agent", "agent_name", "command: steps"));
  Overlay("workers", "version: 1\nhost: {executor: {workers: " + std::to_string(GetParam()) + "}}\n");
  Start();
  SayAndWait("assemble");
  std::set<std::string> ids;
  for (int i = 0; i < kAgents; ++i) {
    ids.insert(AgentId(Name(i)));
  }
  ASSERT_EQ(ids.size(), static_cast<std::size_t>(kAgents)) << LastLine();
  ASSERT_FALSE(ids.contains("")) << LastLine();

  const int first = SayAndWait("all");
  for (const std::string& id : ids) {
    const int executing = WaitForStatus(id, "executing", first);
    ASSERT_GE(executing, 0) << server().output();
    ASSERT_GE(WaitForStatus(id, "idle", executing), 0) << server().output();
  }

  std::map<std::string, std::vector<std::string>> told;  // by agent, in order of arrival
  std::map<std::string, std::int64_t> last_index;
  std::set<std::string> executing;
  std::size_t most_at_once = 0;
  std::vector<std::string> speakers;
  for (int i = first; i < static_cast<int>(client().messages().size()); ++i) {
    const Json message = client().Message(i);
    const std::string type(message["type"].AsString());
    if (type == "agent_status_changed") {
      const std::string id(message["agent_id"].AsString());
      message["new_status"].AsString() == "executing" ? (void)executing.insert(id) : (void)executing.erase(id);
      most_at_once = std::max(most_at_once, executing.size());
    }
    if (type == "agent_log") {
      const JsonView log = message["log"];
      const std::string id(log["agent_id"].AsString());
      const std::string event(log["event_type"].AsString());
      told[id].push_back(event == "TextBlock" ? std::string(log["payload"]["text"].AsString()) : event);
      const std::int64_t index = log["entry_index"].AsInt(-1);
      if (const auto last = last_index.find(id); last != last_index.end()) {
        EXPECT_GT(index, last->second) << Name(0) << log.Dump();
      }
      last_index[id] = index;
      if (speakers.empty() || speakers.back() != id) {
        speakers.push_back(id);
      }
    }
  }
  ASSERT_EQ(told.size(), static_cast<std::size_t>(kAgents));
  for (const auto& [id, logs] : told) {
    std::vector<std::string> texts;
    std::copy_if(logs.begin(), logs.end(), std::back_inserter(texts),
                 [](const std::string& log) { return log.starts_with("step ") || log == "finished"; });
    EXPECT_EQ(texts, (std::vector<std::string>{"step 1", "step 2", "step 3", "finished"})) << id;
    EXPECT_EQ(std::count(logs.begin(), logs.end(), "PostToolUse"), 3) << id;
  }
  EXPECT_GT(most_at_once, 1U);
  // One after another there would be as many changes of speaker as agents.
  EXPECT_GT(speakers.size(), 2U * kAgents);
  EXPECT_EQ(Rows("SELECT count(*) AS n FROM runs_runs WHERE status <> 'done'").at(0).at("n"), "0");
  EXPECT_EQ(server().Stop(), 0) << server().output();
}

INSTANTIATE_TEST_SUITE_P(Workers, ManyAgents, testing::Values(4, 1),
                         [](const auto& workers) { return std::to_string(workers.param); });

}  // namespace
}  // namespace tutti::test
