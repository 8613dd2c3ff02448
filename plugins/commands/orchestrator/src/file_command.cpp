#include "file_command.h"

#include <algorithm>
#include <utility>

namespace tutti::orchestrator {
namespace {

// A rule such as Bash(git add:*) permits less than its tool; who enforces rules reads it from the file, here it adds
// nothing.
bool IsWholeTool(std::string_view rule) {
  return !rule.empty() && rule.find('(') == std::string_view::npos;
}

}  // namespace

ExpandedCommand ExpandedCommand::FromJson(JsonView json) {
  ExpandedCommand expanded;
  expanded.text = json["text"].AsString();
  expanded.model = json["model"].AsString();
  json["allowed_tools"].ForEach([&](JsonView rule) {
    if (IsWholeTool(rule.AsString())) {
      expanded.tools.emplace_back(rule.AsString());
    }
  });
  return expanded;
}

Task<Result<ExpandedCommand>> ExpandCommand(Host host, tutti_call parent, TypedCommand typed, std::string conversation,
                                            std::string by) {
  JsonObject args;
  args("name", typed.name)("arguments", typed.arguments)("session_id", conversation)("by", by);
  Pending pending = host.InvokeCommand(parent, "slash.expand", args.Take());
  const Result<std::string> answer = co_await std::move(pending);
  if (!answer.ok()) {
    co_return answer.status();
  }
  const Result<Json> json = Json::Parse(*answer);
  if (!json.ok()) {
    co_return json.status();
  }
  co_return ExpandedCommand::FromJson(json->view());
}

Task<std::vector<FileCommand>> ListFileCommands(Host host, tutti_call parent) {
  std::vector<FileCommand> commands;
  Pending pending = host.InvokeCommand(parent, "slash.list", "{}");
  const Result<std::string> answer = co_await std::move(pending);
  const Result<Json> json = Json::Parse(answer.ok() ? std::string_view(*answer) : std::string_view("{}"));
  if (json.ok()) {
    (*json)["commands"].ForEach([&](JsonView command) {
      if (command["error"].AsString().empty()) {
        commands.push_back({std::string(command["name"].AsString()), std::string(command["arguments"].AsString()),
                            std::string(command["description"].AsString())});
      }
    });
  }
  co_return commands;
}

}  // namespace tutti::orchestrator
