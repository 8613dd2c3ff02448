#include "built_in_commands.h"

#include <map>
#include <utility>
#include <vector>

#include "agent_rows.h"
#include "file_command.h"
#include "tool_texts.h"
#include "tutti/sdk/execute.hpp"

namespace tutti::orchestrator {
namespace {

Result<std::string> Text(std::string_view text) {
  return JsonObject()("status", "success")("text", text).Take();
}

std::string Line(std::string_view usage, std::string_view summary) {
  return "- `" + std::string(usage) + "` - " + std::string(summary);
}

}  // namespace

const std::array<BuiltInDefinition, 4> kBuiltIns = {{
    {"orchestrator.help", R"({
      "name": "orchestrator.help", "summary": "Lists what can be typed as a slash command.", "effects": "read",
      "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/help"},
      "input": {"type": "object", "properties": {}}})"},
    {"orchestrator.interrupt", R"({
      "name": "orchestrator.interrupt", "summary": "Stops the running answer, or what an agent is doing.",
      "effects": "write", "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/interrupt [AGENT_NAME]"},
      "input": {"type": "object", "properties": {"agent_name": {"type": "string"}}}})"},
    {"orchestrator.compact", R"({
      "name": "orchestrator.compact", "summary": "Replaces the conversation by a summary, and says what it is to keep.",
      "effects": "write", "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/compact [INSTRUCTIONS...]"},
      "input": {"type": "object", "properties": {"instructions": {"type": "string", "maxLength": 20000}}}})"},
    {"orchestrator.clear", R"({
      "name": "orchestrator.clear", "summary": "Begins a new session; what was said is shown but not remembered.",
      "effects": "write", "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/clear"},
      "input": {"type": "object", "properties": {}}})"},
}};

BuiltInCommands::Answer BuiltInCommands::Invoke(std::string_view name, Call call, JsonView args) {
  if (name == "orchestrator.help") {
    return Help(std::move(call));
  }
  if (name == "orchestrator.interrupt") {
    return Interrupt(std::move(call), args);
  }
  return name == "orchestrator.compact" ? Compact(args) : Clear();
}

BuiltInCommands::Answer BuiltInCommands::Help(Call call) {
  const std::vector<FileCommand> commands = co_await ListFileCommands(context_.host, call.id());
  std::string files;
  for (const FileCommand& command : commands) {
    const std::string usage = "/" + command.name + (command.arguments.empty() ? "" : " " + command.arguments);
    files += (files.empty() ? "" : "\n") + Line(usage, command.description);
  }
  co_return Text(HelpText(context_.host.SlashCommands(), files));
}

BuiltInCommands::Answer BuiltInCommands::Interrupt(Call call, JsonView args) {
  const std::string name(args["agent_name"].AsString());
  if (name.empty()) {
    co_return Text(chat_.Interrupt() ? "Interrupted." : "Nothing is running.");
  }
  std::string batch = Batch().Add(FindAgent(context_.session.id, name)).Take();
  const Result<StoreReply> reply = co_await Execute(context_.host, call.id(), std::move(batch));
  if (!reply.ok()) {
    co_return reply.status();
  }
  const std::vector<Agent> agents = Agent::FromRows(reply->Rows(0));
  if (agents.empty()) {
    co_return Status::NotFound("there is no agent named '" + name + "'; `/agents` lists them");
  }
  const std::size_t turns = co_await agents_.Interrupt(agents.front().id);
  co_return Text(turns == 0 ? texts::NotRunning(name) : texts::Interrupted(name, turns));
}

BuiltInCommands::Answer BuiltInCommands::Compact(JsonView args) {
  ChatWork work;
  work.kind = ChatWork::Kind::kCompact;
  work.text = args["instructions"].AsString();
  Status queued = chat_.CheckRoom();
  if (queued.ok()) {
    queued = chat_.Submit(std::move(work));
  }
  if (!queued.ok()) {
    co_return queued;
  }
  co_return Text("The conversation is being compacted; the chat tells when that is done.");
}

BuiltInCommands::Answer BuiltInCommands::Clear() {
  ChatWork work;
  work.kind = ChatWork::Kind::kClear;
  Status queued = chat_.CheckRoom();
  if (queued.ok()) {
    queued = chat_.Submit(std::move(work));
  }
  if (!queued.ok()) {
    co_return queued;
  }
  co_return Text("A new session begins as soon as the running answer has stopped.");
}

std::string HelpText(std::string_view registry, std::string_view files) {
  // By usage, so that a command is found by its first letters.
  std::map<std::string, std::string> lines;
  if (const Result<Json> json = Json::Parse(registry); json.ok()) {
    json->view().ForEach([&](JsonView command) {
      const std::string own = "/" + std::string(command["command"].AsString());
      const std::string_view usage = command["usage"].AsString();
      if (usage != own) {
        lines.emplace(usage, Line(usage, command["summary"].AsString()));
      }
    });
  }
  std::string text = "**Commands**\n";
  for (const auto& [usage, line] : lines) {
    text += "\n" + line;
  }
  if (!files.empty()) {
    text += "\n\n**Commands of this project**\n\n" + std::string(files);
  }
  return text;
}

}  // namespace tutti::orchestrator
