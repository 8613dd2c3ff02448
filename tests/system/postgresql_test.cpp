// The server on PostgreSQL, chosen by DATABASE_URL alone.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "postgresql_server.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

using storage::testing::PostgresqlServer;

class OnPostgresql : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    database_ = PostgresqlServer::Shared();
    ASSERT_NE(database_, nullptr);
    url_ = database_->CreateDatabase();
    Overlay("database",
            "version: 1\nplugins:\n  - {id: tutti.storage.postgresql, as: postgresql, required: true, "
            "config: {url: \"${DATABASE_URL}\"}}\n");
    MayRunApart("storage", "tutti.storage.postgresql");
    AddScenes(
        "  - when: {prompt: '^steps$', turn: 1}\n"
        "    say: [{text: first}, {tool_use: {name: Bash, input: {command: 'touch begun; until test -e go; do sleep "
        "0.05; "
        "done'}}}]\n"
        "  - when: {prompt: '^steps$', turn: 2}\n    say: [{text: last}]\n");
    StartServer();
  }

  void TearDown() override {
    EXPECT_EQ(server().Stop(), 0) << server().output();
    EXPECT_EQ(server().output().find(PostgresqlServer::kPassword), std::string::npos) << server().output();
    database_->DropDatabase(url_);
  }

  void StartServer(const std::string& session = {}) { Start(session, {{"DATABASE_URL", url_}}); }

  std::string Query(const std::string& sql) { return PostgresqlServer::Query(url_, sql); }

  // Asks until the answer has this status; the last one.
  HttpAnswer WaitForReadiness(int status) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    HttpAnswer answer = Get("/health/ready");
    while (answer.status != status && std::chrono::steady_clock::now() < deadline) {
      answer = Get("/health/ready");
    }
    return answer;
  }

  PostgresqlServer* database_ = nullptr;
  std::string url_;
};

TEST_F(OnPostgresql, ConversationIsStoredAndGoesOnAfterARestart) {
  SayAndWait("create scout");
  const std::string agent = AgentId("scout");
  ASSERT_FALSE(agent.empty()) << LastLine();
  const int first = SayAndWait("command scout say \xC3\xA4 \xF0\x9F\x8E\xB5 'quoted'");
  const int executing = WaitForStatus(agent, "executing", first);
  ASSERT_GE(executing, 0) << server().output();
  ASSERT_GE(WaitForStatus(agent, "idle", executing), 0) << server().output();
  EXPECT_EQ(Query("SELECT status FROM agents"), "idle");
  EXPECT_NE(Query("SELECT count(*) FROM agent_logs"), "0");
  const std::string body = JsonObject()("orchestrator_agent_id", id_).Take();
  const std::string chat = Post("/load_chat", body).body;
  const std::string events = Get("/get_events?limit=300").body;
  const std::string session(Get("/get_orchestrator").json()["orchestrator"]["session_id"].AsString());
  EXPECT_EQ(server().Stop(), 0) << server().output();

  StartServer(session);
  EXPECT_EQ(Post("/load_chat", body).body, chat);
  EXPECT_EQ(Get("/get_events?limit=300").body, events);
  EXPECT_EQ(Get("/health/ready").json()["dependencies"]["storage"]["engine"].AsString(), "postgresql");
  SayAndWait("say again");
  EXPECT_EQ(LastLine(), "again");
}

TEST_F(OnPostgresql, KillDuringATurnIsSetRight) {
  SayAndWait("create scout");
  const std::string agent = AgentId("scout");
  SayAndWait("command scout talk slowly");
  ASSERT_GE(WaitForStatus(agent, "executing"), 0) << server().output();
  server().Kill();
  StartServer(id_);
  EXPECT_EQ(Query("SELECT status FROM agents"), "executing");
  SayAndWait("/stop all");
  EXPECT_EQ(Query("SELECT status FROM agents"), "idle");
  EXPECT_EQ(Query("SELECT count(*) FROM runs_runs WHERE status IN ('queued', 'running', 'waiting')"), "0");
}

TEST_F(OnPostgresql, RunWaitsForTheDatabaseAndGoesOn) {
  SayAndWait("create scout");
  const std::string agent = AgentId("scout");
  const int first = SayAndWait("command scout steps");
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!std::filesystem::exists(working_directory_ + "/begun")) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << server().output();
  }
  database_->Stop();
  directory_.WriteFile("work/go", "");
  EXPECT_EQ(WaitForReadiness(503).status, 503);
  ASSERT_TRUE(database_->Start()) << database_->error();
  const int executing = WaitForStatus(agent, "executing", first);
  ASSERT_GE(executing, 0);
  EXPECT_GE(WaitForStatus(agent, "idle", executing), 0) << server().output();
  EXPECT_EQ(Query("SELECT status || ' ' || coalesce(error, '') FROM runs_runs ORDER BY created_at DESC LIMIT 1"),
            "done ");
  EXPECT_EQ(Query("SELECT content FROM agent_logs WHERE event_type = 'text' ORDER BY timestamp DESC LIMIT 1"), "last");
}

TEST_F(OnPostgresql, OutageIsToldAndSurvived) {
  SayAndWait("say before");
  database_->Stop();
  // What is asked first finds the connection lost.
  EXPECT_EQ(Get("/list_agents").status, 503);
  const HttpAnswer away = WaitForReadiness(503);
  EXPECT_EQ(away.status, 503) << away.body;
  EXPECT_FALSE(away.json()["dependencies"]["storage"]["ready"].AsBool(true)) << away.body;
  EXPECT_EQ(Get("/health").status, 200);

  ASSERT_TRUE(database_->Start()) << database_->error();
  const HttpAnswer back = WaitForReadiness(200);
  EXPECT_EQ(back.status, 200) << back.body;
  SayAndWait("say after");
  EXPECT_EQ(LastLine(), "after");
}

TEST_F(OnPostgresql, EverySurfaceSaysWhenToComeBack) {
  SayAndWait("say before");
  const Json described = Get("/openapi.json").json();
  const Json commands = Get("/v1/commands").json();
  std::set<std::string> writing;
  commands.view().ForEach([&](JsonView command) {
    if (command["effects"].AsString() != "read") {
      writing.insert("/v1/commands/" + std::string(command["name"].AsString()));
    }
  });
  std::vector<std::pair<std::string, std::string>> requests = {
      {"POST", "/load_chat"}, {"POST", "/send_chat"}, {"POST", "/v1/slash"}};
  described["paths"].ForEachMember([&](std::string_view path, JsonView methods) {
    std::string target(path);
    for (std::size_t at = target.find('{'); at != std::string::npos; at = target.find('{')) {
      target.replace(at, target.find('}') - at + 1, id_);
    }
    // An event stream does not end.
    if (methods["get"] && target != "/metrics" && target != "/v1/events/stream") {
      requests.emplace_back("GET", target);
    }
    if (methods["post"] && target.starts_with("/v1/commands/") && !writing.contains(target)) {
      requests.emplace_back("POST", target);
    }
  });
  database_->Stop();
  std::set<std::string> refused;
  for (const auto& [method, target] : requests) {
    const std::string body = target == "/v1/slash"
                                 ? R"({"text":"/list_agents"})"
                                 : JsonObject()("orchestrator_agent_id", id_)("message", "say nothing").Take();
    const HttpAnswer answer =
        method == "GET" ? Get(target) : Post(target, target.starts_with("/v1/commands/") ? "{}" : body);
    EXPECT_TRUE(answer.status < 500 || answer.status == 503) << target << " " << answer.status << " " << answer.body;
    if (answer.status == 503) {
      refused.insert(target);
      const auto retry = answer.headers.find("Retry-After");
      EXPECT_TRUE(retry != answer.headers.end() && std::stoi(retry->second) > 0) << target;
    }
  }
  for (const char* target : {"/list_agents", "/get_events", "/load_chat", "/v1/runs", "/health/ready"}) {
    EXPECT_TRUE(refused.contains(target)) << target;
  }
  const int from = static_cast<int>(client().messages().size());
  client().SendText(R"({"type":"invoke","id":7,"command":"runs.list","args":{}})");
  const int answer = client().WaitFor([](JsonView message) { return message["id"].AsInt() == 7; }, from);
  ASSERT_GE(answer, 0);
  EXPECT_EQ(client().Message(answer)["code"].AsString(), "UNAVAILABLE") << client().messages().back();
  EXPECT_GT(client().Message(answer)["retry_after_ms"].AsInt(), 0) << client().messages().back();
  ASSERT_TRUE(database_->Start()) << database_->error();
  EXPECT_EQ(WaitForReadiness(200).status, 200);
  SayAndWait("say after");
  EXPECT_EQ(LastLine(), "after");
}

TEST_F(OnPostgresql, W06_PasswordOfTheDatabaseIsToldNowhere) {
  EXPECT_EQ(server().Stop(), 0) << server().output();
  const std::string log = directory_.path() + "/tutti.log";
  Overlay("log", "version: 1\nhost: {log: {level: trace, file: '" + log + "'}}\n");
  StartServer();
  SayAndWait("say hello");
  SayAndWait("bash env");
  std::string told;
  for (const char* target : {"/health/ready", "/metrics", "/openapi.json", "/v1/commands", "/get_orchestrator"}) {
    const HttpAnswer answer = Get(target);
    EXPECT_EQ(answer.status, 200) << target;
    told += answer.body;
  }
  for (const std::string& message : client().messages()) {
    told += message;
  }
  database_->Stop();
  told += WaitForReadiness(503).body;
  ASSERT_TRUE(database_->Start()) << database_->error();
  EXPECT_EQ(WaitForReadiness(200).status, 200);
  EXPECT_EQ(server().Stop(), 0) << server().output();
  std::ostringstream content;
  content << std::ifstream(log).rdbuf();
  EXPECT_FALSE(content.str().empty());
  told += content.str() + server().output();
  for (const char* spelling : {PostgresqlServer::kPassword, "pa55'w:rd"}) {
    const std::size_t at = told.find(spelling);
    EXPECT_EQ(at, std::string::npos) << told.substr(at < 300 ? 0 : at - 300, 600);
  }
  // The address of the database may be told.
  EXPECT_NE(told.find("127.0.0.1"), std::string::npos);
}

}  // namespace
}  // namespace tutti::test
