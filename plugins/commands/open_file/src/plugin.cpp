#include "tutti/sdk/plugin.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "allowed_path.h"
#include "launcher.h"
#include "program.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::open_file {
namespace {

constexpr const char* kOpenFile = R"({
  "name": "files.open", "summary": "Opens a file in the editor of whoever runs the server.", "effects": "write",
  "surfaces": ["rest", "websocket"], "timeout_ms": 660000,
  "input": {"type": "object", "required": ["file_path"], "properties": {"file_path": {"type": "string"}}},
  "rest": [{"method": "POST", "path": "/api/open-file", "errors": "detail"}]})";

std::string Failure(std::string_view sentence) {
  return JsonObject()("status", "error")("message", sentence).Take();
}

std::string WithReason(std::string sentence, const std::string& output) {
  const std::string reason = CleanUtf8(output);
  return reason.empty() ? sentence : sentence + ": " + reason;
}

}  // namespace

class OpenFilePlugin {
 public:
  explicit OpenFilePlugin(Host host) : host_(host) {
    commands_.Add(kOpenFile, [this](Call call, JsonView args) { return Open(std::move(call), args); });
  }

  Status Init(const Config& config) {
    is_enabled_ = IsYes(config["enabled"].AsString("true"));
    Result<std::vector<std::string>> program = SplitCommand(config["command"].AsString("code"));
    if (!program.ok()) {
      return program.status();
    }
    program_ = std::move(*program);
    options_.timeout = std::chrono::milliseconds(config["timeout_ms"].AsInt(10000));
    options_.max_running = static_cast<std::size_t>(config["max_running"].AsInt(4));
    config["environment"].ForEach([&](JsonView name) {
      const std::string text(name.AsString());
      // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in the server sets variables
      if (const char* value = std::getenv(text.c_str()); value != nullptr) {
        options_.environment.push_back(text + "=" + value);
      }
    });
    return {};
  }

  Status Activate() {
    launcher_ = std::make_unique<Launcher>(options_);
    return {};
  }

  void Deactivate() {
    launcher_->Stop();
    launcher_.reset();
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  Task<Result<std::string>> Open(Call call, JsonView args) {
    if (!is_enabled_) {
      co_return Failure("Opening files is disabled on this server (IDE_ENABLED)");
    }
    const std::string asked(args["file_path"].AsString());
    const Result<std::vector<std::string>> directories = co_await Directories(call.id());
    if (!directories.ok()) {
      co_return directories.status();
    }
    const Result<std::string> path = AllowedPath(asked, *directories);
    if (!path.ok()) {
      co_return Failure(path.status().message());
    }
    std::vector<std::string> arguments = program_;
    arguments.push_back(*path);
    Callback<Result<LaunchOutcome>> launched([launcher = launcher_.get(), arguments, host = host_](auto done) {
      const Status started = launcher->Start(arguments, [done, host](LaunchOutcome outcome) {
        // Not on the program's thread, which has to end.
        if (!host.Post([done, outcome] { done(outcome); }).ok()) {
          done(outcome);
        }
      });
      if (!started.ok()) {
        done(started);
      }
    });
    const Result<LaunchOutcome> outcome = co_await launched;
    if (!outcome.ok()) {
      co_return Failure(outcome.status().message());
    }
    co_return Answer(*outcome, asked);
  }

  [[nodiscard]] std::string Answer(const LaunchOutcome& outcome, const std::string& asked) const {
    const std::string& program = program_.front();
    switch (outcome.end) {
      case LaunchOutcome::End::kExited:
        if (outcome.code == 0) {
          return JsonObject()("status", "success")("message", "Opened in " + program)("file_path", asked).Take();
        }
        return Failure(WithReason(program + " ended with exit code " + std::to_string(outcome.code), outcome.output));
      case LaunchOutcome::End::kSignalled:
        return Failure(WithReason(program + " was ended by signal " + std::to_string(outcome.code), outcome.output));
      case LaunchOutcome::End::kTimedOut:
        return Failure(program + " timed out after " + std::to_string(options_.timeout.count()) + " ms and was ended");
      case LaunchOutcome::End::kNotFound:
        return Failure("Command not found: " + program + "; check PATH and IDE_COMMAND");
      case LaunchOutcome::End::kNotStarted:
        break;
    }
    return Failure(program + " could not be started: " + std::strerror(outcome.code));
  }

  // Of the orchestrator, then of its live agents.
  Task<Result<std::vector<std::string>>> Directories(tutti_call parent) {
    std::vector<std::string> directories;
    Pending asked = host_.InvokeCommand(parent, "orchestrator.headers", "{}");
    const Result<std::string> headers = co_await std::move(asked);
    if (!headers.ok()) {
      co_return headers.status();
    }
    Pending listed = host_.InvokeCommand(parent, "orchestrator.agents", "{}");
    const Result<std::string> agents = co_await std::move(listed);
    if (!agents.ok()) {
      co_return agents.status();
    }
    const Result<Json> own = Json::Parse(*headers);
    const Result<Json> list = Json::Parse(*agents);
    if (!own.ok() || !list.ok()) {
      co_return Status::Internal("the orchestrator's working directories could not be read");
    }
    directories.emplace_back((*own)["cwd"].AsString());
    (*list)["agents"].ForEach([&](JsonView agent) {
      if (!agent["working_dir"].AsString().empty()) {
        directories.emplace_back(agent["working_dir"].AsString());
      }
    });
    co_return directories;
  }

  Host host_;
  CommandSet commands_;
  bool is_enabled_ = true;
  std::vector<std::string> program_;
  Launcher::Options options_;
  std::unique_ptr<Launcher> launcher_;
};

}  // namespace tutti::open_file

TUTTI_PLUGIN(tutti::open_file::OpenFilePlugin, "tutti.commands.open_file", "0.1.0")
