// A plugin that is off in the manifest is gone; the rest works.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

class Toggling : public RunningServer {
 protected:
  void StartWithout(const std::string& id) {
    Overlay("off", "version: 1\nplugins:\n  - {id: " + id + ", enabled: false}\n");
    Start();
  }

  // The commands that are there.
  std::vector<std::string> Commands() {
    std::vector<std::string> names;
    Get("/v1/commands").json().view().ForEach([&](JsonView command) {
      names.emplace_back(command["name"].AsString());
    });
    return names;
  }

  bool HasCommand(const std::string& name) {
    const std::vector<std::string> names = Commands();
    return std::find(names.begin(), names.end(), name) != names.end();
  }
};

// Denied by the shipped rules, and harmless where there is no repository.
constexpr const char* kForbidden = "bash echo reached; git push --force origin main";

TEST_F(Toggling, WithAllOnEverythingIsThere) {
  Start();
  EXPECT_TRUE(HasCommand("workspace.bash"));
  SayAndWait(kForbidden);
  EXPECT_TRUE(LastLine().starts_with("bash said: ")) << LastLine();
  EXPECT_EQ(LastLine().find("reached"), std::string::npos) << LastLine();
  SayAndWait("create scout");
  EXPECT_NE(Rows("SELECT count(*) AS n FROM agent_logs").at(0).at("n"), "0");
}

TEST_F(Toggling, RecorderOffLeavesNoAgentLog) {
  StartWithout("tutti.hooks.recorder");
  const int first = SayAndWait("create scout");
  EXPECT_FALSE(AgentId("scout").empty()) << LastLine();
  EXPECT_EQ(Rows("SELECT count(*) AS n FROM agent_logs").at(0).at("n"), "0");
  for (int i = first; i < static_cast<int>(client().messages().size()); ++i) {
    EXPECT_NE(client().Message(i)["type"].AsString(), "agent_log");
  }
}

TEST_F(Toggling, FileTrackerOffLeavesTurnsWithoutTheirFiles) {
  for (const bool is_on : {true, false}) {
    if (is_on) {
      Start();
    } else {
      StartWithout("tutti.hooks.file_tracker");
    }
    directory_.WriteFile("work/note.txt", "one\n");
    SayAndWait("create scout");
    const std::string scout = AgentId("scout");
    const int first = SayAndWait("command scout read note.txt");
    const int begun = WaitForStatus(scout, "executing", first);
    ASSERT_GE(begun, 0) << LastLine();
    ASSERT_GE(WaitForStatus(scout, "idle", begun), 0);
    int blocks = 0;
    for (int i = first; i < static_cast<int>(client().messages().size()); ++i) {
      blocks += client().Message(i)["log"]["event_type"].AsString() == "FileTrackingBlock" ? 1 : 0;
    }
    EXPECT_EQ(blocks, is_on ? 1 : 0);
    EXPECT_EQ(Rows("SELECT count(*) AS n FROM agent_logs WHERE content = 'I have read it.'").at(0).at("n"),
              is_on ? "1" : "2");
    EXPECT_EQ(Rows("SELECT count(*) AS n FROM agent_logs WHERE payload LIKE '%read_files%'").at(0).at("n"), "1");
    if (is_on) {
      ASSERT_EQ(server().Stop(), 0) << server().output();
    }
  }
}

TEST_F(Toggling, GuardOffDeniesNothing) {
  StartWithout("tutti.hooks.guard");
  SayAndWait(kForbidden);
  EXPECT_NE(LastLine().find("reached"), std::string::npos) << LastLine();
}

TEST_F(Toggling, WorkspaceOffTakesItsTools) {
  StartWithout("tutti.commands.workspace");
  for (const std::string& name : Commands()) {
    EXPECT_FALSE(name.starts_with("workspace.")) << name;
  }
  SayAndWait("bash echo hello");
  EXPECT_EQ(LastLine().find("hello"), std::string::npos) << LastLine();
  SayAndWait("say still here");
  EXPECT_EQ(LastLine(), "still here");
}

TEST_F(Toggling, OrchestratorOffTakesItsRoutes) {
  Overlay("off",
          "version: 1\nplugins:\n  - {id: tutti.commands.orchestrator, enabled: false}\n"
          "  - {id: tutti.hooks.recorder, enabled: false}\n  - {id: tutti.hooks.file_tracker, enabled: false}\n");
  ServerProcess server(Options());
  ASSERT_TRUE(server.WaitUntilReady()) << server.output();
  EXPECT_EQ(Request(server.port(), "GET", "/health").status, 200);
  EXPECT_EQ(Request(server.port(), "GET", "/v1/runs").status, 200);
  EXPECT_EQ(Request(server.port(), "GET", "/get_orchestrator").status, 404);
  EXPECT_EQ(Request(server.port(), "POST", "/send_chat", "{}").status, 404);
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

TEST_F(Toggling, RuntimeOffMakesTheServerUnready) {
  Overlay("off",
          "version: 1\nroles: {runtime: \"\"}\nplugins:\n  - {id: tutti.runtimes.loop, enabled: false}\n"
          "  - {id: tutti.commands.runs, enabled: false}\n  - {id: tutti.commands.orchestrator, enabled: false}\n"
          "  - {id: tutti.hooks.recorder, enabled: false}\n  - {id: tutti.hooks.file_tracker, enabled: false}\n");
  ServerProcess server(Options());
  ASSERT_TRUE(server.WaitUntilReady()) << server.output();
  const HttpAnswer ready = Request(server.port(), "GET", "/health/ready");
  EXPECT_EQ(ready.status, 503) << ready.body;
  EXPECT_FALSE(ready.json()["dependencies"]["runtime"]["ready"].AsBool(true)) << ready.body;
  EXPECT_TRUE(ready.json()["dependencies"]["storage"]["ready"].AsBool()) << ready.body;
}

}  // namespace
}  // namespace tutti::test
