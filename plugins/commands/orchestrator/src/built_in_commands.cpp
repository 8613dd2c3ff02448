#include "built_in_commands.h"

#include <map>
#include <utility>
#include <vector>

#include "agent_rows.h"
#include "agent_search.h"
#include "file_command.h"
#include "run_starts.h"
#include "tool_texts.h"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

Result<std::string> Text(std::string_view text) {
  return JsonObject()("status", "success")("text", text).Take();
}

std::string Line(std::string_view usage, std::string_view summary) {
  return "- `" + std::string(usage) + "` - " + std::string(summary);
}

}  // namespace

const std::array<BuiltInDefinition, 5> kBuiltIns = {{
    {"orchestrator.help", R"({
      "name": "orchestrator.help", "summary": "Lists what can be typed as a slash command.", "effects": "read",
      "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/help"},
      "input": {"type": "object", "properties": {}}})"},
    {"orchestrator.interrupt", R"({
      "name": "orchestrator.interrupt", "summary": "Stops the running answer, or what an agent is doing.",
      "effects": "write", "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/interrupt [AGENT_NAME]"},
      "input": {"type": "object", "properties": {"agent_name": {"type": "string"}}}})"},
    {"orchestrator.stop", R"({
      "name": "orchestrator.stop", "effects": "write", "idempotent": true,
      "summary": "Stops an agent and all that it created, or `all`; answers when it has stopped.",
      "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/stop AGENT_NAME"},
      "input": {"type": "object", "required": ["agent_name"], "properties": {"agent_name": {"type": "string",
        "description": "The name of an agent, or `all`."}}}})"},
    {"orchestrator.compact", R"({
      "name": "orchestrator.compact", "summary": "Replaces the conversation by a summary, and says what it is to keep.",
      "effects": "write", "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/compact [INSTRUCTIONS...]"},
      "input": {"type": "object", "properties": {"instructions": {"type": "string", "maxLength": 20000},
        "typed": {"type": "string", "description": "What was typed, to be stored as a line of the chat with it."}}}})"},
    {"orchestrator.clear", R"({
      "name": "orchestrator.clear", "summary": "Begins a new session; what was said is shown but not remembered.",
      "effects": "write", "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/clear"},
      "input": {"type": "object", "properties": {
        "typed": {"type": "string", "description": "What was typed, to be stored as a line of the chat with it."}}}})"},
}};

BuiltInCommands::Answer BuiltInCommands::Invoke(std::string_view name, Call call, JsonView args) {
  if (name == "orchestrator.help") {
    return Help(std::move(call));
  }
  if (name == "orchestrator.interrupt") {
    return InterruptOne(std::move(call), args);
  }
  if (name == "orchestrator.stop") {
    return Stop(std::move(call), args);
  }
  return name == "orchestrator.compact" ? Compact(std::move(call), args) : Clear(std::move(call), args);
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

BuiltInCommands::Answer BuiltInCommands::InterruptOne(Call call, JsonView args) {
  const std::string name(args["agent_name"].AsString());
  std::string id = context_.session.id;
  if (!name.empty()) {
    const Result<Agent> agent = co_await FindLiveAgent(context_.host, call.id(), context_.session.id, name);
    if (!agent.ok()) {
      co_return agent.status();
    }
    id = agent->id;
  }
  std::string which = JsonObject()("agent", id).Take();
  const Result<std::size_t> turns = co_await Interrupt(context_.host, call.id(), std::move(which));
  if (!turns.ok()) {
    co_return turns.status();
  }
  if (name.empty()) {
    co_return Text(*turns > 0 ? "Interrupted." : "Nothing is running.");
  }
  co_return Text(*turns == 0 ? texts::NotRunning(name) : texts::Interrupted(name, *turns));
}

BuiltInCommands::Answer BuiltInCommands::Stop(Call call, JsonView args) {
  const std::string name(args["agent_name"].AsString());
  std::string which = R"({"all":true})";
  if (name != "all") {
    const Result<Agent> agent = co_await FindLiveAgent(context_.host, call.id(), context_.session.id, name);
    if (!agent.ok()) {
      co_return agent.status();
    }
    which = JsonObject()("tree", agent->id).Take();
  }
  const Result<std::size_t> turns = co_await Interrupt(context_.host, call.id(), std::move(which));
  if (!turns.ok()) {
    co_return turns.status();
  }
  if (*turns == 0) {
    co_return Text("Nothing is running.");
  }
  const std::string who = name == "all" ? std::string("everything") : "'" + name + "' and all that it created";
  co_return Text("Stopped " + who + ": " + std::to_string(*turns) + " turn(s).");
}

BuiltInCommands::Answer BuiltInCommands::Compact(Call call, JsonView args) {
  std::string instructions(args["instructions"].AsString());
  std::string typed = CleanUtf8(args["typed"].AsString());
  const Status accepted =
      co_await chat_.Compact(call.id(), PrincipalOf(call), std::move(typed), std::move(instructions));
  if (!accepted.ok()) {
    co_return accepted;
  }
  co_return Text("The conversation is being compacted; the chat tells when that is done.");
}

BuiltInCommands::Answer BuiltInCommands::Clear(Call call, JsonView args) {
  std::string typed = CleanUtf8(args["typed"].AsString());
  const Status begun = co_await chat_.Clear(call.id(), std::move(typed));
  if (!begun.ok()) {
    co_return begun;
  }
  co_return Text("A new session has begun.");
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
