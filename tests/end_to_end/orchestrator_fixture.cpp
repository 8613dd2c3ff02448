#include "tests/end_to_end/orchestrator_fixture.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/end_to_end/script.h"

namespace tutti::test {
namespace {

struct Listed {
  const char* id;
  const char* kind;
  const char* name;    // empty: none of its own
  std::string config;  // members of it
  std::string
      paths;  // what it is granted in a process of its own; services, network and programs it has by its manifest
};

std::vector<Listed> Plugins(const TestDatabase::Plugin& storage, const std::string& scripts,
                            const std::string& script_directory) {
  return {
      {"tutti.transport.http", "transport", "", "", ""},
      {storage.id, "storage", storage.name, storage.config, R"(write: ["${TUTTI_DATA}"])"},
      {"tutti.models.rehearsal", "models", "rehearsal", "scripts: [" + scripts + "], delay_ms: 0",
       "read: [\"" + script_directory + "\"]"},
      {"tutti.runtimes.loop", "runtimes", "loop", "", ""},
      {"tutti.commands.runs", "commands", "", "", ""},
      {"tutti.commands.orchestrator", "commands", "", R"(session: "${TUTTI_SESSION}", working_dir: "${TUTTI_CWD}")",
       R"(read: ["${TUTTI_CWD}"])"},
      {"tutti.commands.workspace", "commands", "", R"(working_dir: "${TUTTI_CWD}")",
       R"(read: [/proc], write: ["${TUTTI_CWD}"])"},
      {"tutti.commands.open_file", "commands", "", R"(command: "sh ${TUTTI_CWD}/ide.sh", timeout_ms: 1000)",
       R"(write: ["${TUTTI_CWD}"])"},
      {"tutti.commands.questions", "commands", "", "", ""},
      {"tutti.hooks.guard", "hooks", "", "", ""},
      {"tutti.hooks.recorder", "hooks", "", "", ""},
      {"tutti.hooks.file_tracker", "hooks", "", R"(working_dir: "${TUTTI_CWD}")", R"(read: ["${TUTTI_CWD}"])"},
      {"tutti.templates.markdown", "templates", "", "", R"(read: ["${TUTTI_CWD}", "${HOME}"])"},
      {"tutti.templates.yaml", "templates", "", "", R"(read: ["${TUTTI_CWD}", "${HOME}"])"},
      {"tutti.commands.markdown_commands", "commands", "", "", R"(read: ["${TUTTI_CWD}", "${HOME}"])"},
  };
}

// The kinds, with commas between, whose plugins run in processes of their own.
bool IsIsolated(const std::string& kind) {
  const char* kinds = std::getenv("TUTTI_TEST_ISOLATE");
  return kinds != nullptr && ("," + std::string(kinds) + ",").find("," + kind + ",") != std::string::npos;
}

std::string Manifest(const std::vector<Listed>& plugins, const std::string& host) {
  std::string text = R"(version: 1
plugin_path: ["${TUTTI_PLUGINS}", ")" TUTTI_END_TO_END_PLUGINS R"("]
roles: {storage: auto, model: rehearsal, runtime: loop}
host:
  data_dir: ${TUTTI_DATA}
  executor: {workers: "${TUTTI_WORKERS:-4}"}
)";
  text += (host.empty() ? "" : "  " + host + "\n") + "plugins:\n";
  for (const Listed& plugin : plugins) {
    text += std::string("  - {id: ") + plugin.id + ", required: true";
    text += *plugin.name == 0 ? "" : std::string(", as: ") + plugin.name;
    text += plugin.config.empty() ? "" : ", config: {" + plugin.config + "}";
    text += plugin.id == std::string("tutti.commands.orchestrator") ? ", on_fault: {deny: [RunState]}" : "";
    // What did not come with the program would have a process of its own.
    const bool is_stranger = std::string_view(plugin.id).substr(0, 5) == "test.";
    text += is_stranger && !IsIsolated(plugin.kind) ? ", isolation: host" : "";
    if (IsIsolated(plugin.kind)) {
      text += ", isolation: process, grants: {path: {" + plugin.paths + "}}";
    }
    text += "}\n";
  }
  return text;
}

}  // namespace

void Orchestrator::SetUp() {
  const std::string scripts = directory_.MakeDirectory("scripts");
  const std::string script = directory_.WriteFile("scripts/script.yaml", kScript);
  const std::string crowd = directory_.WriteFile("scripts/crowd.yaml", CrowdScript());
  std::string listed_scripts = "\"" + crowd + "\", \"" + script + "\"";
  if (const std::string scenes = MoreScenes(); !scenes.empty()) {
    listed_scripts = "\"" + directory_.WriteFile("scripts/more.yaml", scenes) + "\", " + listed_scripts;
  }
  data_ = directory_.MakeDirectory("data");
  database_ = TestDatabase::Create(data_);
  std::vector<Listed> plugins = Plugins(database_->plugin(), listed_scripts, scripts);
  const auto configure = [&](std::string_view id, std::string config) {
    std::find_if(plugins.begin(), plugins.end(), [&](const Listed& plugin) { return plugin.id == id; })->config =
        std::move(config);
  };
  configure("tutti.transport.http", TransportConfig());
  configure("tutti.commands.runs", RunsConfig());
  for (const MorePlugin& more : MorePlugins()) {
    plugins.push_back({more.id, more.kind, "", more.config, ""});
  }
  std::erase_if(plugins, [&](const Listed& plugin) {
    return std::find(left_out_.begin(), left_out_.end(), plugin.id) != left_out_.end();
  });
  config_ = directory_.WriteFile("tutti.yaml", Manifest(plugins, HostConfig()));
  working_directory_ = directory_.MakeDirectory("work");
  home_directory_ = directory_.MakeDirectory("home");
  StartServer();
  int apart = 0;
  for (const Listed& plugin : plugins) {
    // Every process has one, so the suite cannot pass by running them all in the server.
    const bool is_apart = std::filesystem::exists(data_ + "/scratch/" + plugin.id);
    ASSERT_EQ(is_apart, IsIsolated(plugin.kind)) << plugin.id << server_->output();
    apart += is_apart ? 1 : 0;
  }
  const char* isolated = std::getenv("TUTTI_TEST_ISOLATE");
  ASSERT_EQ(apart > 0, isolated != nullptr) << "TUTTI_TEST_ISOLATE names no kind of plugin: " << isolated;
}

void Orchestrator::TearDown() {
  client_.reset();
  if (server_ != nullptr) {
    EXPECT_EQ(server_->Stop(), 0) << server_->output();
  }
}

ServerProcess::Options Orchestrator::Options(const std::string& session) const {
  const char* workers = std::getenv("TUTTI_TEST_WORKERS");
  ServerProcess::Options options{.config = config_,
                                 .data = data_,
                                 .working_directory = working_directory_,
                                 .session = session,
                                 .environment = database_->environment()};
  options.environment["HOME"] = home_directory_;
  options.environment["TUTTI_WORKERS"] = workers == nullptr ? "4" : workers;
  return options;
}

void Orchestrator::StartServer(const std::string& session) {
  client_.reset();
  server_.reset();
  server_ = std::make_unique<ServerProcess>(Options(session));
  ASSERT_TRUE(server_->WaitUntilReady()) << server_->output();
  const HttpAnswer answer = Get("/get_orchestrator");
  ASSERT_EQ(answer.status, 200) << answer.body << server_->output();
  id_ = answer.json()["orchestrator"]["id"].AsString();
  ConnectClient();
}

void Orchestrator::ConnectClient() {
  client_ = std::make_unique<WebSocketClient>(server_->port());
  ASSERT_EQ(client_->WaitForType("connection_established"), 0);
}

void Orchestrator::WriteTemplate(const std::string& file, const std::string& front_matter) {
  WriteWorkFile(".claude/agents/" + file, "---\n" + front_matter + "\n---\nYou are made from " + file + ".\n");
}

void Orchestrator::WriteWorkFile(const std::string& relative, const std::string& content) const {
  const std::filesystem::path path = std::filesystem::path(working_directory_) / relative;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << content;
}

void Orchestrator::WriteHomeFile(const std::string& relative, const std::string& content) const {
  const std::filesystem::path path = std::filesystem::path(home_directory_) / relative;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << content;
}

HttpAnswer Orchestrator::Get(const std::string& target) {
  return Request(server_->port(), "GET", target);
}

HttpAnswer Orchestrator::Post(const std::string& target, const std::string& body) {
  return Request(server_->port(), "POST", target, body);
}

void Orchestrator::Say(const std::string& text) {
  const HttpAnswer answer = Post("/send_chat", JsonObject()("message", text)("orchestrator_agent_id", id_).Take());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json()["status"].AsString(), "success");
}

int Orchestrator::SayAndWait(const std::string& text) {
  const int first = static_cast<int>(client_->messages().size());
  Say(text);
  const int updated = client_->WaitForType("orchestrator_updated", first);
  EXPECT_GE(updated, 0) << "no end of the turn for: " << text << "\n" << server_->output();
  return first;
}

std::string Orchestrator::LastLine() {
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

std::vector<std::string> Orchestrator::Types(int from) {
  const std::vector<std::string> messages = client_->messages();
  std::vector<std::string> types;
  for (std::size_t i = static_cast<std::size_t>(from); i < messages.size(); ++i) {
    types.emplace_back((*Json::Parse(messages[i]))["type"].AsString());
  }
  return types;
}

Json Orchestrator::FindAgent(const std::string& name) {
  const Json answer = Get("/list_agents").json();
  std::string found = "null";
  answer["agents"].ForEach([&](JsonView agent) {
    if (agent["name"].AsString() == name) {
      found = agent.Dump();
    }
  });
  return std::move(*Json::Parse(found));
}

std::string Orchestrator::CreateAgent(const std::string& name) {
  SayAndWait("create " + name);
  const std::string id(FindAgent(name)["id"].AsString());
  EXPECT_FALSE(id.empty()) << LastLine() << server_->output();
  return id;
}

int Orchestrator::CommandAndWait(const std::string& name, const std::string& command) {
  const std::string id(FindAgent(name)["id"].AsString());
  const int first = static_cast<int>(client_->messages().size());
  Say("command " + name + " " + command);
  const int begun = WaitForStatus(id, "executing", first);
  EXPECT_GE(begun, 0) << server_->output();
  const int ended = client_->WaitFor(
      [&](JsonView message) {
        return message["type"].AsString() == "agent_status_changed" && message["agent_id"].AsString() == id &&
               message["new_status"].AsString() != "executing";
      },
      begun + 1);
  EXPECT_GE(ended, 0) << server_->output();
  EXPECT_GE(client_->WaitForType("orchestrator_updated", first), 0);
  return first;
}

int Orchestrator::WaitForStatus(const std::string& agent, const std::string& status, int from) {
  return client_->WaitFor(
      [&](JsonView message) {
        return message["type"].AsString() == "agent_status_changed" && message["agent_id"].AsString() == agent &&
               message["new_status"].AsString() == status;
      },
      from);
}

std::vector<DatabaseView::Row> Orchestrator::Rows(const std::string& sql, const std::vector<std::string>& values) {
  return database_->Query(sql, values);
}

void Orchestrator::Execute(const std::string& sql) {
  database_->Execute(sql);
}

}  // namespace tutti::test
