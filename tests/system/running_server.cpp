#include "tests/system/running_server.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace tutti::test {
namespace {

constexpr const char* kManifest = R"(version: 1
include: [conf.d/*.yaml]
plugin_path: ["${TUTTI_PLUGINS}"]
roles: {storage: auto, model: auto, runtime: loop}
host:
  data_dir: ${TUTTI_DATA}
plugins:
  - {id: tutti.transport.http, as: http, required: true}
  - {id: tutti.storage.sqlite, as: sqlite, required: true, config: {file: "${TUTTI_DATA}/tutti.db"}}
  - {id: tutti.models.anthropic, as: anthropic}
  - id: tutti.models.rehearsal
    as: rehearsal
    config: {scripts: ["${TUTTI_SCRIPTS}"], delay_ms: 0, max_text_bytes: 4000000}
  - {id: tutti.runtimes.loop, as: loop}
  - {id: tutti.commands.runs}
  - id: tutti.commands.orchestrator
    config: {session: "${TUTTI_SESSION}", working_dir: "${TUTTI_CWD}"}
  - {id: tutti.commands.workspace, config: {working_dir: "${TUTTI_CWD}"}}
  - {id: tutti.hooks.guard}
  - {id: tutti.hooks.recorder}
  - {id: tutti.hooks.file_tracker, config: {working_dir: "${TUTTI_CWD}"}}
  - {id: tutti.hooks.cost}
)";

constexpr const char* kScenes = R"(scenes:
  - when: {tool: 'mcp__mgmt__.*'}
    say: [{text: "tool said: ${result}"}]
  - when: {tool: Bash}
    say: [{text: "bash said: ${result}"}]
  - when: {prompt: '^bash (?P<command>.+)$'}
    say: [{tool_use: {name: Bash, input: {command: "${command}"}}}]
  - when: {prompt: '^create (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent, input: {name: "${name}", system_prompt: "You are ${name}."}}}]
  - when: {prompt: '^command (?P<name>\S+) (?P<command>.+)$'}
    say: [{tool_use: {name: mcp__mgmt__command_agent, input: {agent_name: "${name}", command: "${command}"}}}]
  - when: {prompt: 'just been created'}
    say: [{text: "Ready."}]
  - when: {prompt: '^talk slowly$'}
    delay_ms: 1000
    say: [{text: "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"}]
  - when: {prompt: '^fail$'}
    say: [{text: "so far"}]
    fail: {code: INVALID_ARGUMENT, message: "scripted failure"}
  - when: {tool: Read, prompt: '^read (?P<file>.+)$'}
    say: [{text: "I have read it."}]
  - when: {prompt: '^read (?P<file>.+)$'}
    say: [{tool_use: {name: Read, input: {file_path: "${file}"}}}]
  - when: {prompt: '^say (?P<text>.+)$'}
    say: [{text: "${text}"}]
  - when: {prompt: '.*'}
    say: [{text: "you said: ${prompt}"}]
)";

}  // namespace

void RunningServer::SetUp() {
  directory_.MakeDirectory("conf.d");
  config_ = directory_.WriteFile("tutti.yaml", kManifest);
  data_ = directory_.MakeDirectory("data");
  working_directory_ = directory_.MakeDirectory("work");
  directory_.MakeDirectory("scripts");
  directory_.WriteFile("scripts/usual.yaml", kScenes);
}

void RunningServer::Overlay(const std::string& name, const std::string& yaml) {
  directory_.WriteFile("conf.d/" + name + ".yaml", yaml);
}

void RunningServer::MayRunApart(const std::string& kind, const std::string& plugin) {
  const char* isolated = std::getenv("TUTTI_TEST_ISOLATE");
  if (isolated != nullptr && kind == isolated) {
    Overlay("z-" + plugin, "version: 1\nplugins:\n  - {id: " + plugin + ", isolation: process}\n");
    apart_.push_back(plugin);
  }
}

void RunningServer::AddScenes(const std::string& yaml) {
  directory_.WriteFile("scripts/first.yaml", "scenes:\n" + yaml);
}

ServerProcess::Options RunningServer::Options() const {
  return {.config = config_,
          .data = data_,
          .working_directory = working_directory_,
          .session = {},
          .environment = {{"TUTTI_SCRIPTS", directory_.path() + "/scripts"}}};
}

void RunningServer::Start(const std::string& session, const std::map<std::string, std::string>& environment) {
  client_.reset();
  server_.reset();
  ServerProcess::Options options = Options();
  options.session = session;
  options.environment.insert(environment.begin(), environment.end());
  server_ = std::make_unique<ServerProcess>(options);
  ASSERT_TRUE(server_->WaitUntilReady(start_patience_)) << server_->output();
  for (const std::string& plugin : apart_) {
    // Every process has one, so that nothing passes by running in the server after all.
    ASSERT_TRUE(std::filesystem::exists(data_ + "/scratch/" + plugin)) << server_->output();
  }
  const HttpAnswer answer = Get("/get_orchestrator");
  ASSERT_EQ(answer.status, 200) << answer.body << server_->output();
  id_ = answer.json()["orchestrator"]["id"].AsString();
  client_ = std::make_unique<WebSocketClient>(server_->port());
  ASSERT_EQ(client_->WaitForType("connection_established"), 0);
}

HttpAnswer RunningServer::Get(const std::string& target) {
  return Request(server_->port(), "GET", target);
}

HttpAnswer RunningServer::Post(const std::string& target, const std::string& body) {
  return Request(server_->port(), "POST", target, body);
}

void RunningServer::Say(const std::string& text) {
  const HttpAnswer answer = Post("/send_chat", JsonObject()("message", text)("orchestrator_agent_id", id_).Take());
  ASSERT_EQ(answer.status, 200) << answer.body;
}

int RunningServer::SayAndWait(const std::string& text) {
  const int first = static_cast<int>(client_->messages().size());
  Say(text);
  const int end = client_->WaitFor(
      [](JsonView message) {
        return message["type"].AsString() == "orchestrator_updated" || message["type"].AsString() == "error";
      },
      first);
  EXPECT_GE(end, 0) << "no end of the turn for: " << text.substr(0, 200) << "\n" << server_->output();
  return first;
}

std::string RunningServer::LastLine() {
  std::string line;
  for (const std::string& text : client_->messages()) {
    const Result<Json> message = Json::Parse(text);
    if ((*message)["type"].AsString() == "orchestrator_chat" &&
        (*message)["message"]["sender_type"].AsString() == "orchestrator") {
      line = (*message)["message"]["message"].AsString();
    }
  }
  return line;
}

int RunningServer::WaitForStatus(const std::string& agent, const std::string& status, int from) {
  return client_->WaitFor(
      [&](JsonView message) {
        return message["type"].AsString() == "agent_status_changed" && message["agent_id"].AsString() == agent &&
               message["new_status"].AsString() == status;
      },
      from);
}

std::string RunningServer::AgentId(const std::string& name) {
  const Json answer = Get("/list_agents").json();
  std::string id;
  answer["agents"].ForEach([&](JsonView agent) {
    if (agent["name"].AsString() == name) {
      id = agent["id"].AsString();
    }
  });
  return id;
}

std::vector<DatabaseView::Row> RunningServer::Rows(const std::string& sql, const std::vector<std::string>& values) {
  return DatabaseView(data_ + "/tutti.db").Query(sql, values);
}

}  // namespace tutti::test
