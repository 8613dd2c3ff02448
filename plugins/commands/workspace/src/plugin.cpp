#include "tutti/sdk/plugin.hpp"

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bash_tool.h"
#include "definitions.h"
#include "file_tools.h"
#include "search_tools.h"

namespace tutti::workspace {
namespace {

std::size_t Bytes(JsonView value) {
  return static_cast<std::size_t>(value.AsInt());
}

std::chrono::milliseconds Milliseconds(JsonView value) {
  return std::chrono::milliseconds(value.AsInt());
}

std::vector<std::string> Strings(JsonView list) {
  std::vector<std::string> texts;
  list.ForEach([&](JsonView item) { texts.emplace_back(item.AsString()); });
  return texts;
}

// "~/x" beneath the home directory.
std::vector<std::string> Paths(JsonView list) {
  std::vector<std::string> paths = Strings(list);
  const char* home = std::getenv("HOME");
  for (std::string& path : paths) {
    if (path.rfind("~/", 0) == 0) {
      path.replace(0, 1, home != nullptr ? home : "");
    }
  }
  return paths;
}

class Workspace {
 public:
  explicit Workspace(Host host) : host_(host) {}

  Status Init(const Config& config) {
    Result<WorkingDirectory> directory = WorkingDirectory::Open(std::string(config["working_dir"].AsString(".")));
    if (!directory) {
      return directory.status();
    }
    directory_ = std::move(*directory);
    ReadLimits(config);
    files_ = std::make_unique<FileTools>(directory_, file_limits_);

    bash_.default_timeout = Milliseconds(config["bash_timeout_ms"]);
    bash_.max_timeout = Milliseconds(config["bash_max_timeout_ms"]);
    bash_.max_output_bytes = Bytes(config["bash_max_output_bytes"]);
    bash_.max_file_bytes = Bytes(config["bash_max_file_bytes"]);
    bash_.max_user_processes = Bytes(config["bash_max_user_processes"]);
    bash_.max_processes = static_cast<std::uint32_t>(config["bash_max_processes"].AsInt());
    bash_.environment = SelectEnvironment(Strings(config["bash_environment"]));
    children_ = {.max_children = Bytes(config["max_children"]), .max_waiting = Bytes(config["max_waiting"])};
    if (bash_.default_timeout > bash_.max_timeout) {
      return Status::InvalidArgument("expected bash_timeout_ms to be at most bash_max_timeout_ms, found it larger");
    }
    return Confine(config);
  }

  Status Activate() {
    if (!confinement_.is_active()) {
      host_.Log(TUTTI_LOG_WARNING, is_confinement_wanted_ ? "bash runs unconfined: kernel without Landlock"
                                                          : "bash runs unconfined: confine is false");
    }
    Result<std::unique_ptr<ChildRunner>> runner = ChildRunner::Create(children_);
    if (!runner) {
      return runner.status();
    }
    runner_ = std::move(*runner);
    bash_tool_.emplace(directory_, *runner_, confinement_, bash_);
    return {};
  }

  void Deactivate() {
    runner_->Stop();
    bash_tool_.reset();
    runner_.reset();
  }

  std::string Commands() { return Definitions(bash_.max_timeout, search_limits_.walk.max_time); }

  void Invoke(std::string_view name, std::string_view args, const Call& call) {
    const Result<Json> parsed = Json::Parse(args);
    if (!parsed) {
      call.Finish(parsed.status());
      return;
    }
    if (name == "workspace.bash") {
      Bash(parsed->view(), call);
      return;
    }
    call.Finish(Run(name, parsed->view(), [&call] { return call.cancelled(); }));
  }

 private:
  void ReadLimits(const Config& config) {
    file_limits_.max_lines = config["read_max_lines"].AsInt();
    file_limits_.max_line_bytes = Bytes(config["read_max_line_bytes"]);
    file_limits_.max_output_bytes = Bytes(config["read_max_output_bytes"]);
    file_limits_.max_scanned_bytes = Bytes(config["read_max_scanned_bytes"]);
    file_limits_.max_file_bytes = Bytes(config["write_max_bytes"]);
    search_limits_.walk.max_entries = Bytes(config["search_max_entries"]);
    search_limits_.walk.max_time = Milliseconds(config["search_timeout_ms"]);
    search_limits_.max_files = Bytes(config["search_max_files"]);
    search_limits_.max_lines = Bytes(config["search_max_lines"]);
    search_limits_.max_output_bytes = Bytes(config["search_max_output_bytes"]);
    search_limits_.max_file_bytes = Bytes(config["search_max_file_bytes"]);
  }

  Status Confine(const Config& config) {
    is_confinement_wanted_ = config["confine"].AsBool(true);
    if (!is_confinement_wanted_) {
      return {};
    }
    Confinement::Paths paths{.readable = Paths(config["readable_paths"]), .writable = Paths(config["writable_paths"])};
    paths.writable.push_back(directory_.path());
    const char* temporary = std::getenv("TMPDIR");
    paths.writable.emplace_back(temporary != nullptr ? temporary : "/tmp");
    Result<Confinement> confinement = Confinement::Build(paths);
    if (!confinement) {
      return confinement.status();
    }
    confinement_ = std::move(*confinement);
    return {};
  }

  void Bash(JsonView args, const Call& call) {
    const Result<std::uint64_t> started =
        bash_tool_->Start(args["command"].AsString(), Milliseconds(args["timeout"]),
                          [call](const ToolResult& result) { call.Finish(result.ToJson()); });
    if (!started) {
      call.Finish(started.status());
      return;
    }
    call.OnCancel([tool = &*bash_tool_, id = *started] { tool->Cancel(id); });
  }

  Result<std::string> Run(std::string_view name, JsonView args, const std::function<bool()>& cancelled) {
    if (name == "workspace.read") {
      return files_
          ->Read({.file_path = args["file_path"].AsString(),
                  .offset = args["offset"].AsInt(1),
                  .limit = args["limit"].AsInt()},
                 cancelled)
          .ToJson();
    }
    if (name == "workspace.write") {
      return files_->Write(args["file_path"].AsString(), args["content"].AsString()).ToJson();
    }
    if (name == "workspace.edit") {
      return files_
          ->Edit({.file_path = args["file_path"].AsString(),
                  .old_string = args["old_string"].AsString(),
                  .new_string = args["new_string"].AsString(),
                  .replace_all = args["replace_all"].AsBool()})
          .ToJson();
    }
    if (name == "workspace.glob") {
      const GlobRequest request{.pattern = args["pattern"].AsString(), .path = args["path"].AsString(".")};
      return Glob(directory_, search_limits_, request, cancelled).ToJson();
    }
    if (name == "workspace.grep") {
      return Grep(directory_, search_limits_, ToGrepRequest(args), cancelled).ToJson();
    }
    return Status::NotFound("expected one of this plugin's commands, found \"" + std::string(name) + "\"");
  }

  static GrepRequest ToGrepRequest(JsonView args) {
    const std::string_view mode = args["output_mode"].AsString();
    const std::int64_t around = args["-C"].AsInt();
    return {.pattern = args["pattern"].AsString(),
            .path = args["path"].AsString("."),
            .glob = args["glob"].AsString(),
            .mode = mode == "content" ? GrepMode::kContent
                    : mode == "count" ? GrepMode::kCount
                                      : GrepMode::kFilesWithMatches,
            .ignore_case = args["-i"].AsBool(),
            .line_numbers = args["-n"].AsBool(true),
            .multiline = args["multiline"].AsBool(),
            .before = args["-B"].AsInt(around),
            .after = args["-A"].AsInt(around),
            .head_limit = args["head_limit"].AsInt()};
  }

  const Host host_;
  WorkingDirectory directory_;
  FileLimits file_limits_;
  SearchLimits search_limits_;
  BashSettings bash_;
  ChildRunner::Limits children_;
  Confinement confinement_ = Confinement::None();
  bool is_confinement_wanted_ = true;
  std::unique_ptr<FileTools> files_;
  std::unique_ptr<ChildRunner> runner_;
  std::optional<BashTool> bash_tool_;
};

}  // namespace
}  // namespace tutti::workspace

TUTTI_PLUGIN(tutti::workspace::Workspace, "tutti.commands.workspace", "0.1.0")
