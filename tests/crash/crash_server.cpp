#include "tests/crash/crash_server.h"

#include <Poco/Exception.h>
#include <signal.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/crash/scenes.h"

namespace tutti::test {
namespace {

std::string Manifest(const TestDatabase::Plugin& storage, const std::string& scenes) {
  std::string text = R"EOT(version: 1
plugin_path: ["${TUTTI_PLUGINS}"]
roles: {storage: auto, model: rehearsal, runtime: loop}
host: {data_dir: "${TUTTI_DATA}", log: {level: warning}}
plugins:
  - {id: tutti.transport.http, required: true}
  - {id: tutti.runtimes.loop, required: true, as: loop}
  # None of these runs is what ends the server, however often it dies while one is taken up.
  - {id: tutti.commands.runs, required: true, config: {max_resumes: 1000}}
  - id: tutti.commands.orchestrator
    required: true
    config: {session: "${TUTTI_SESSION}", working_dir: "${TUTTI_CWD}", max_waiting_messages: 1000, max_waiting_commands: 1000}
  - {id: tutti.commands.workspace, required: true, config: {working_dir: "${TUTTI_CWD}"}}
  - {id: tutti.hooks.guard, required: true}
  - {id: tutti.hooks.recorder, required: true}
  - id: tutti.hooks.approvals
    required: true
    config: {permissions: {ask: ["Bash(* >> risky)"]}}
  - {id: tutti.hooks.budget, required: true}
)EOT";
  text += std::string("  - {id: ") + storage.id + ", required: true, as: " + storage.name + ", config: {" +
          storage.config + "}}\n";
  text +=
      "  - id: tutti.models.rehearsal\n    required: true\n    as: rehearsal\n    config: {delay_ms: 2, scripts: [\"" +
      scenes + "\"]}\n";
  return text;
}

}  // namespace

// Kills a process at an instant. Gone without having killed it, it lets it live.
class CrashServer::Killer {
 public:
  Killer(pid_t pid, std::chrono::steady_clock::time_point when) : thread_([this, pid, when] { Run(pid, when); }) {}

  ~Killer() {
    {
      const std::lock_guard lock(mutex_);
      is_called_off_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void Join() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return has_killed_; });
  }

 private:
  void Run(pid_t pid, std::chrono::steady_clock::time_point when) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, when, [this] { return is_called_off_; })) {
      kill(pid, SIGKILL);
    }
    has_killed_ = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_called_off_ = false;  // guarded by mutex_
  bool has_killed_ = false;     // guarded by mutex_
  std::thread thread_;
};

CrashServer::CrashServer()
    : data_(directory_.MakeDirectory("data")),
      working_directory_(directory_.MakeDirectory("work")),
      database_(TestDatabase::Create(data_)) {
  const std::string scenes = directory_.WriteFile("scenes.yaml", kCrashScenes);
  config_ = directory_.WriteFile("tutti.yaml", Manifest(database_->plugin(), scenes));
}

CrashServer::~CrashServer() = default;

ServerProcess::Options CrashServer::Options() const {
  return {.config = config_,
          .data = data_,
          .working_directory = working_directory_,
          .session = session_,
          .environment = database_->environment()};
}

bool CrashServer::Start(const std::optional<Life>& life) {
  killer_.reset();
  server_.reset();
  const auto begin = std::chrono::steady_clock::now();
  server_ = std::make_unique<ServerProcess>(Options());
  const bool dies_early = life && life->of_start > 0;
  if (dies_early) {
    const auto share = std::chrono::duration_cast<std::chrono::milliseconds>(start_ * life->of_start);
    killer_ = std::make_unique<Killer>(server_->pid(), begin + share);
  }
  if (!server_->WaitUntilReady()) {
    if (!dies_early) {
      throw std::runtime_error("the server did not start:\n" + server_->output());
    }
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  start_ = std::chrono::duration_cast<std::chrono::milliseconds>(now - begin);
  if (life && !dies_early) {
    killer_ = std::make_unique<Killer>(server_->pid(), now + life->after_ready);
  }
  return true;
}

void CrashServer::WaitForDeath() {
  killer_->Join();
  (void)server_->WaitForExit();
}

std::optional<HttpAnswer> CrashServer::Ask(const std::string& method, const std::string& target,
                                           const std::string& body, const std::map<std::string, std::string>& headers) {
  try {
    return Request(server_->port(), method, target, body, headers);
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

std::string CrashServer::Orchestrator() {
  const std::optional<HttpAnswer> answer = Ask("GET", "/get_orchestrator");
  if (answer && answer->status == 200) {
    session_ = answer->json()["orchestrator"]["id"].AsString();
    return session_;
  }
  return {};
}

std::vector<std::string> CrashServer::Lines(const std::string& file) const {
  std::ifstream stream(working_directory_ + "/" + file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace tutti::test
