// Runs that a kill -9 cuts off: no side effect twice, every outcome told, and children gone with the server.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class RunResume : public Orchestrator {
 protected:
  std::string MoreScenes() const override {
    return R"(scenes:
  - when: {tool: Bash, prompt: '^(count|two steps|stubborn child)$'}
    say: [{text: "went on after: ${result}"}]
    usage: {input_tokens: 30, output_tokens: 3}
  - when: {prompt: '^count$'}
    say: [{tool_use: {name: Bash, input: {command: "echo x >> effects; touch begun; until test -e go; do sleep 0.05; done"}}}]
    usage: {input_tokens: 20, output_tokens: 2}
  - when: {prompt: '^two steps$'}
    say:
      - tool_use: {name: Bash, input: {command: "echo first >> effects"}}
      - tool_use: {name: Bash, input: {command: "echo second >> effects; touch begun; until test -e go; do sleep 0.05; done"}}
      - tool_use: {name: Bash, input: {command: "echo third >> effects"}}
  - when: {prompt: '^stubborn child$'}
    say: [{tool_use: {name: Bash, input: {command: "setsid sh -c 'trap \"\" TERM INT; echo $$ > pid; touch begun; while :; do sleep 0.1; done' & wait"}}}]
)";
  }

  void AwaitFile(const std::string& name) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!std::filesystem::exists(working_directory_ + "/" + name)) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << name << "\n" << server().output();
      std::this_thread::yield();
    }
  }

  std::vector<std::string> Lines(const std::string& name) const {
    std::ifstream file(working_directory_ + "/" + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  // Waits until the only run has that status.
  void AwaitStatus(const std::string& status) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (Status() != status) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << Status() << "\n" << server().output();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  std::string Status() {
    const auto rows = Rows("SELECT status FROM runs_runs");
    return rows.empty() ? "" : rows.at(0).at("status");
  }

  std::string OnlyRun() { return Rows("SELECT id FROM runs_runs").at(0).at("id"); }

  std::string Conversation() {
    std::string text;
    for (const auto& row : Rows("SELECT content FROM runs_messages ORDER BY number")) {
      text += row.at("content") + "\n";
    }
    return text;
  }

  std::string Count(const std::string& sql) { return Rows(sql).at(0).at("n"); }

  void KillAndStart() {
    server().Kill();
    StartServer(id_);
  }

  // The process is gone, or a corpse.
  void AwaitGone(pid_t process) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (IsAlive(process)) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << "process " << process << " still runs";
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  static bool IsAlive(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    return name_end != std::string::npos && line.compare(name_end + 2, 1, "Z") != 0;
  }
};

TEST_F(RunResume, CallInFlightIsNotRepeatedAndItsOutcomeIsUnknown) {
  Say("count");
  AwaitFile("begun");
  KillAndStart();
  AwaitStatus("done");
  EXPECT_EQ(Lines("effects"), (std::vector<std::string>{"x"}));
  EXPECT_NE(Conversation().find("outcome is unknown"), std::string::npos) << Conversation();
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_tool_calls WHERE status = 'unknown'"), "1");
  const Json calls = Get("/v1/runs/" + OnlyRun() + "/calls").json();
  EXPECT_EQ(calls["calls"][0]["tool_name"].AsString(), "Bash");
  // The prompt stands there once, and what was spent before the kill counts.
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_messages WHERE role = 'user'"), "2");
  EXPECT_EQ(Rows("SELECT input_tokens FROM runs_runs").at(0).at("input_tokens"), "50");
  EXPECT_EQ(Rows("SELECT num_turns FROM runs_runs").at(0).at("num_turns"), "2");
}

TEST_F(RunResume, BetweenCallsEachIsMadeOnce) {
  Say("two steps");
  AwaitFile("begun");
  KillAndStart();
  AwaitStatus("done");
  EXPECT_EQ(Lines("effects"), (std::vector<std::string>{"first", "second", "third"}));
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_tool_calls WHERE status = 'done'"), "2");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_tool_calls WHERE status = 'unknown'"), "1");
}

TEST_F(RunResume, KillAfterKillGoesOn) {
  Say("count");
  AwaitFile("begun");
  for (int i = 0; i < 3; ++i) {
    KillAndStart();
  }
  AwaitStatus("done");
  EXPECT_EQ(Lines("effects"), (std::vector<std::string>{"x"}));
}

TEST_F(RunResume, AnswerThatWasCutOffIsAskedForAgain) {
  Say("talk slowly");
  AwaitStatus("running");
  KillAndStart();
  AwaitStatus("done");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_messages"), "2");
  EXPECT_EQ(Count("SELECT count(*) AS n FROM runs_messages WHERE role = 'user'"), "1");
}

TEST_F(RunResume, OneCallIsStoppedAndTheRunGoesOn) {
  Say("count");
  AwaitFile("begun");
  const std::string call = Rows("SELECT tool_use_id FROM runs_tool_calls").at(0).at("tool_use_id");
  const HttpAnswer answer = Post("/v1/interrupts", JsonObject()("run", OnlyRun())("tool_use_id", call).Take());
  EXPECT_EQ(answer.status, 200) << answer.body;
  AwaitStatus("done");
  EXPECT_NE(Conversation().find("a person stopped this tool call"), std::string::npos) << Conversation();
  const HttpAnswer again = Post("/v1/interrupts", JsonObject()("run", OnlyRun())("tool_use_id", call).Take());
  EXPECT_EQ(again.status, 404) << again.body;
}

TEST_F(RunResume, EverythingIsStoppedChildrenIncluded) {
  Say("stubborn child");
  AwaitFile("begun");
  const pid_t child = std::stoi(Lines("pid").at(0));
  const HttpAnswer answer = Post("/v1/interrupts", R"({"all":true})");
  EXPECT_EQ(answer.json()["interrupted"].AsInt(), 1) << answer.body;
  EXPECT_FALSE(IsAlive(child));
  EXPECT_EQ(Status(), "interrupted");
  KillAndStart();
  SayAndWait("say again");
  EXPECT_EQ(LastLine(), "again");
}

TEST_F(RunResume, ChildrenDieWithTheServer) {
  Say("stubborn child");
  AwaitFile("begun");
  const pid_t child = std::stoi(Lines("pid").at(0));
  server().Kill();
  AwaitGone(child);
  StartServer(id_);
  AwaitStatus("done");
}

TEST_F(RunResume, SelectionThatSaysNothingIsRefused) {
  EXPECT_EQ(Post("/v1/interrupts", "{}").status, 422);
}

}  // namespace
}  // namespace tutti::test
