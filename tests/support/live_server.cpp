#include "tests/support/live_server.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <thread>

namespace tutti::test {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLook{5};

std::size_t Count(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

bool LiveServer::WaitUntil(const std::function<bool()>& holds) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= give_up) {
      return false;
    }
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

void LiveServer::SetUp() {
  data_ = directory_.MakeDirectory("data");
  directory_.MakeDirectory("work");
  directory_.MakeDirectory("plugins");
  List("tutti.transport.http", "required: true");
  List("tutti.storage.sqlite", "config: {file: \"${TUTTI_DATA}/tutti.db\"}");
  List("tutti.commands.plugins");
}

void LiveServer::Install(const std::string& specimen, const std::string& folder) {
  const fs::path to = fs::path(directory_.path()) / "plugins" / folder;
  const fs::path from = fs::path(TUTTI_SPECIMENS) / specimen;
  fs::create_directories(to);
  for (const char* file : {"specimen.so", "plugin.yaml"}) {
    fs::copy_file(from / file, to / (std::string(file) + ".new"), fs::copy_options::overwrite_existing);
    fs::rename(to / (std::string(file) + ".new"), to / file);
  }
}

void LiveServer::List(const std::string& id, const std::string& entry) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& known) { return known.first == id; });
  if (found == entries_.end()) {
    entries_.emplace_back(id, entry);
  } else {
    found->second = entry;
  }
  WriteManifest();
}

void LiveServer::Unlist(const std::string& id) {
  std::erase_if(entries_, [&](const auto& known) { return known.first == id; });
  WriteManifest();
}

void LiveServer::WriteManifest() {
  std::string yaml = "version: 1\nplugin_path: [\"${TUTTI_PLUGINS}\", \"" + directory_.path() +
                     "/plugins\"]\nhost:\n  data_dir: ${TUTTI_DATA}\n" + host_ + "plugins:\n";
  for (const auto& [id, entry] : entries_) {
    const bool is_specimen = id.starts_with("org.example.") && entry.find("isolation:") == std::string::npos;
    yaml += "- {id: " + id + (is_specimen ? ", isolation: " + isolation_ : "") + (entry.empty() ? "" : ", " + entry) +
            "}\n";
  }
  config_ = directory_.WriteFile("tutti.yaml", yaml);
}

void LiveServer::Launch() {
  WriteManifest();
  server_.reset();
  server_ = std::make_unique<ServerProcess>(ServerProcess::Options{.config = config_,
                                                                   .data = data_,
                                                                   .working_directory = directory_.path() + "/work",
                                                                   .session = {},
                                                                   .environment = {}});
}

void LiveServer::Start() {
  Launch();
  ASSERT_TRUE(server_->WaitUntilReady()) << server_->output();
}

int LiveServer::Stop() {
  return server_->Stop().value_or(-1);
}

void LiveServer::Hangup() {
  const std::string said = "the manifest was read again:";
  const std::size_t before = Count(server_->output(), said);
  ASSERT_EQ(::kill(server_->pid(), SIGHUP), 0);
  ASSERT_TRUE(WaitUntil([&] { return Count(server_->output(), said) > before; })) << server_->output();
}

HttpAnswer LiveServer::Run(const std::string& command, const std::string& args) {
  return Request(server_->port(), "POST", "/v1/commands/" + command, args);
}

HttpAnswer LiveServer::Manage(const std::string& verb, const std::string& id, const std::string& more) {
  return Run("plugins." + verb, "{\"id\":\"" + id + "\"" + (more.empty() ? "" : "," + more) + "}");
}

std::string LiveServer::What(const HttpAnswer& answer) {
  const Result<Json> json = Json::Parse(answer.body);
  return json.ok() && answer.status == 200 && (*json)["changed"].size() > 0
             ? std::string((*json)["changed"][0]["what"].AsString())
             : answer.body;
}

Json LiveServer::Info(const std::string& id) {
  return Manage("info", id).json();
}

std::string LiveServer::StateOf(const std::string& id) {
  const Json list = Run("plugins.list").json();
  std::string states;
  list["plugins"].ForEach([&](JsonView plugin) {
    if (plugin["id"].AsString() == id) {
      states += (states.empty() ? "" : "+") + std::string(plugin["state"].AsString());
    }
  });
  return states;
}

bool LiveServer::WaitForState(const std::string& id, const std::string& state) {
  return WaitUntil([&] { return StateOf(id) == state; });
}

double LiveServer::Metric(const std::string& series) {
  const std::string text = "\n" + Request(server_->port(), "GET", "/metrics").body;
  const std::size_t at = text.find("\n" + series + " ");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + series.size() + 2));
}

}  // namespace tutti::test
