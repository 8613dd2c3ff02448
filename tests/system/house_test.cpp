// `tutti storage` beside a running server and without one, and the same over HTTP.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "postgresql_server.h"
#include "tests/system/command_run.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

using storage::testing::PostgresqlServer;

constexpr const char* kMarker = "planted-marker-4711";

std::string Bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class KeepingHouse : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    Overlay("house",
            "version: 1\nplugins:\n  - {id: tutti.commands.house}\n"
            "  - {id: tutti.storage.postgresql, as: postgresql, config: {url: \"${DATABASE_URL:-}\"}}\n");
    // The agent's own words: nobody else says them.
    AddScenes("  - when: {prompt: '^reveal$'}\n    say: [{text: '" + std::string(kMarker) + " to the end'}]\n");
  }

  CommandRun Storage(std::vector<std::string> arguments, const std::string& data = {}) {
    arguments.insert(arguments.begin(), "storage");
    arguments.insert(arguments.end(), {"--config", config_, "--data", data.empty() ? data_ : data});
    return RunTutti(arguments, {{"TUTTI_SCRIPTS", directory_.path() + "/scripts"}});
  }

  [[nodiscard]] std::string File(const std::string& name) const { return directory_.path() + "/" + name; }

  // Who said what when, in the chat; databases write blanks and members of JSON each in their own way.
  static std::string Lines(const HttpAnswer& answer) {
    std::string text;
    const Json json = answer.json();
    json["messages"].ForEach([&](JsonView line) {
      text.append(line["id"].AsString()).append(" ").append(line["created_at"].Dump());
      text.append(" ").append(line["message"].Dump()).append("\n");
    });
    return text;
  }

  // An agent that has said the marker and rests.
  std::string AgentWithMarker() {
    SayAndWait("create scout");
    const std::string agent = AgentId("scout");
    const int first = SayAndWait("command scout reveal");
    const int executing = WaitForStatus(agent, "executing", first);
    EXPECT_GE(executing, 0) << server().output();
    EXPECT_GE(WaitForStatus(agent, "idle", executing), 0) << server().output();
    return agent;
  }

  // Whether any file of the database holds the marker.
  bool IsMarkerInDatabase() {
    bool is_found = false;
    for (const auto& entry : std::filesystem::directory_iterator(data_)) {
      if (entry.path().filename().string().starts_with("tutti.db")) {
        is_found = is_found || Bytes(entry.path()).find(kMarker) != std::string::npos;
      }
    }
    return is_found;
  }
};

TEST_F(KeepingHouse, ABackupOfARunningServerGoesOnElsewhere) {
  Start();
  AgentWithMarker();
  SayAndWait("say remembered");
  const CommandRun backup = Storage({"backup", File("all.archive")});
  ASSERT_EQ(backup.status, 0) << backup.output;
  EXPECT_NE(backup.output.find("wrote " + File("all.archive") + ": "), std::string::npos) << backup.output;

  struct stat found {};

  ASSERT_EQ(::stat(File("all.archive").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  const CommandRun again = Storage({"backup", File("all.archive")});
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.output.find("exists already"), std::string::npos) << again.output;

  const CommandRun held = Storage({"restore", File("all.archive")});
  EXPECT_EQ(held.status, 1);
  EXPECT_NE(held.output.find("is in use by another tutti"), std::string::npos) << held.output;
  const CommandRun check = Storage({"check"});
  EXPECT_EQ(check.status, 0) << check.output;

  const std::string body = JsonObject()("orchestrator_agent_id", id_).Take();
  const std::string chat = Post("/load_chat", body).body;
  const std::string session(Get("/get_orchestrator").json()["orchestrator"]["session_id"].AsString());
  EXPECT_EQ(server().Stop(), 0) << server().output();
  const CommandRun not_empty = Storage({"restore", File("all.archive")});
  EXPECT_EQ(not_empty.status, 1);
  EXPECT_NE(not_empty.output.find("is not empty"), std::string::npos) << not_empty.output;

  const std::string elsewhere = File("elsewhere");
  const CommandRun restored = Storage({"restore", File("all.archive")}, elsewhere);
  ASSERT_EQ(restored.status, 0) << restored.output;
  EXPECT_EQ(Storage({"check", "--against", File("all.archive")}, elsewhere).status, 0);
  data_ = elsewhere;
  Start(session);
  EXPECT_EQ(Post("/load_chat", body).body, chat);
  SayAndWait("say again");
  EXPECT_EQ(LastLine(), "again");
  EXPECT_EQ(server().Stop(), 0) << server().output();
  EXPECT_EQ(Storage({"check"}).status, 0);
}

TEST_F(KeepingHouse, ABackupThatFailsLeavesNoFile) {
  const CommandRun none = Storage({"backup", File("none.archive")});
  EXPECT_EQ(none.status, 1) << none.output;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    EXPECT_EQ(entry.path().filename().string().find("none.archive"), std::string::npos) << entry.path();
  }
  std::ofstream(File("cut.archive")) << "no archive";
  const CommandRun cut = Storage({"restore", File("cut.archive")}, File("elsewhere"));
  EXPECT_EQ(cut.status, 1);
  EXPECT_NE(cut.output.find(File("cut.archive")), std::string::npos) << cut.output;
  EXPECT_EQ(Storage({"copy", "--from", File("x.db")}).status, 1);
}

TEST_F(KeepingHouse, ACopyGoesToPostgresqlAndBack) {
  ASSERT_NE(PostgresqlServer::Shared(), nullptr);
  const std::string url = PostgresqlServer::Shared()->CreateDatabase();
  Start();
  AgentWithMarker();
  const std::string session(Get("/get_orchestrator").json()["orchestrator"]["session_id"].AsString());
  const std::string body = JsonObject()("orchestrator_agent_id", id_).Take();
  const std::string chat = Lines(Post("/load_chat", body));
  EXPECT_EQ(server().Stop(), 0) << server().output();

  const CommandRun there = Storage({"copy", "--from", data_ + "/tutti.db", "--to", url});
  ASSERT_EQ(there.status, 0) << there.output;
  EXPECT_EQ(there.output.find(PostgresqlServer::kPassword), std::string::npos) << there.output;
  const CommandRun twice = Storage({"copy", "--from", data_ + "/tutti.db", "--to", url});
  EXPECT_EQ(twice.status, 1);
  EXPECT_NE(twice.output.find("is not empty"), std::string::npos) << twice.output;
  EXPECT_EQ(Storage({"check", "--from", url}).status, 0);
  const CommandRun back = Storage({"copy", "--from", url, "--to", File("back.db")});
  ASSERT_EQ(back.status, 0) << back.output;
  ASSERT_EQ(Storage({"backup", File("first.archive")}).status, 0);
  const CommandRun equal = Storage({"check", "--from", File("back.db"), "--against", File("first.archive")});
  EXPECT_EQ(equal.status, 0) << equal.output;

  Start(session, {{"DATABASE_URL", url}});
  EXPECT_EQ(Get("/health/ready").json()["dependencies"]["storage"]["engine"].AsString(), "postgresql");
  EXPECT_EQ(Lines(Post("/load_chat", body)), chat);
  EXPECT_EQ(server().Stop(), 0) << server().output();
  PostgresqlServer::Shared()->DropDatabase(url);
}

TEST_F(KeepingHouse, AnErasedAgentIsInNoFileOfTheDatabase) {
  Start();
  const std::string agent = AgentWithMarker();
  const DatabaseView::Row total = Rows("SELECT output_tokens FROM orchestrator_agents").at(0);
  const HttpAnswer exported = Post("/v1/agents/" + agent + "/export", "{}");
  EXPECT_EQ(exported.status, 200) << exported.body;
  EXPECT_NE(exported.body.find(kMarker), std::string::npos);
  const CommandRun to_file = Storage({"export-agent", agent, File("agent.jsonl")});
  EXPECT_EQ(to_file.status, 0) << to_file.output;
  EXPECT_EQ(Bytes(File("agent.jsonl")).substr(Bytes(File("agent.jsonl")).find('\n')),
            exported.body.substr(exported.body.find('\n')));

  // Through the running server.
  const CommandRun erased = Storage({"erase-agent", agent, "--yes"});
  ASSERT_EQ(erased.status, 0) << erased.output;
  EXPECT_NE(erased.output.find("runs.messages"), std::string::npos) << erased.output;
  EXPECT_FALSE(IsMarkerInDatabase());
  EXPECT_EQ(Post("/v1/agents/" + agent + "/export", "{}").status, 200) << "its blanked events are left";
  EXPECT_EQ(Request(server().port(), "DELETE", "/v1/agents/nobody/data").status, 404);
  EXPECT_EQ(
      Rows("SELECT count(*) AS n FROM host_audit WHERE command = 'storage.erase' AND agent = ?", {agent}).at(0).at("n"),
      "1");
  EXPECT_EQ(Rows("SELECT output_tokens FROM orchestrator_agents").at(0), total);
  EXPECT_EQ(AgentId("scout"), "");
  const HttpAnswer check = Get("/v1/storage/check");
  EXPECT_EQ(check.json()["findings"].size(), 0U) << check.body;
  EXPECT_GT(check.json()["events"].AsInt(), 0);

  // And again without one.
  const std::string other = AgentWithMarker();
  EXPECT_TRUE(IsMarkerInDatabase());
  EXPECT_EQ(server().Stop(), 0) << server().output();
  const CommandRun alone = Storage({"erase-agent", other, "--yes"});
  ASSERT_EQ(alone.status, 0) << alone.output;
  EXPECT_FALSE(IsMarkerInDatabase());
  EXPECT_EQ(Storage({"check"}).status, 0);
}

TEST_F(KeepingHouse, AnAgentAtWorkKeepsItsData) {
  Start();
  SayAndWait("create scout");
  const std::string agent = AgentId("scout");
  SayAndWait("command scout talk slowly");
  ASSERT_GE(WaitForStatus(agent, "executing"), 0) << server().output();
  const HttpAnswer refused = Request(server().port(), "DELETE", "/v1/agents/" + agent + "/data");
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_NE(refused.body.find("is at work"), std::string::npos) << refused.body;
  EXPECT_EQ(AgentId("scout"), agent);
}

TEST_F(KeepingHouse, AnInterruptedRunLeavesNoOpenCall) {
  Start();
  SayAndWait("create scout");
  const std::string agent = AgentId("scout");
  SayAndWait("command scout bash touch begun; sleep 600");
  while (!std::filesystem::exists(working_directory_ + "/begun")) {
    ASSERT_EQ(Get("/health").status, 200);
  }
  const HttpAnswer stopped = Post("/v1/interrupts", JsonObject()("agent", agent).Take());
  EXPECT_EQ(stopped.status, 200) << stopped.body;
  const HttpAnswer check = Get("/v1/storage/check");
  EXPECT_EQ(check.json()["findings"].Dump(), "[]");
  const HttpAnswer erased = Request(server().port(), "DELETE", "/v1/agents/" + agent + "/data");
  EXPECT_EQ(erased.status, 200) << erased.body;
  EXPECT_GT(erased.json()["tables"]["runs.tool_calls"].AsInt(), 0) << erased.body;
}

TEST_F(KeepingHouse, WithoutThePluginTheServerServesAndTheCommandLineSaysWhatIsMissing) {
  Overlay("house", "version: 1\n");
  Start();
  SayAndWait("create scout");
  EXPECT_EQ(Post("/v1/agents/" + AgentId("scout") + "/export", "{}").status, 404);
  const CommandRun erase = Storage({"erase-agent", AgentId("scout"), "--yes"});
  EXPECT_EQ(erase.status, 1);
  EXPECT_NE(erase.output.find("tutti.commands.house"), std::string::npos) << erase.output;
  EXPECT_EQ(Storage({"check"}).status, 0);
}

}  // namespace
}  // namespace tutti::test
