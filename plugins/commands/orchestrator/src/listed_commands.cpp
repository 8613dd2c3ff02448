#include "listed_commands.h"

#include <utility>

namespace tutti::orchestrator {

std::string ListedCommandsJson(JsonView answer) {
  JsonWriter writer;
  writer.BeginArray();
  answer["commands"].ForEach([&](JsonView command) {
    if (!command["user_invocable"].AsBool(true)) {
      return;
    }
    JsonObject object;
    for (const char* member : {"name", "description", "arguments", "model"}) {
      object(member, command[member].AsString());
    }
    object.Raw("allowed_tools", command["allowed_tools"].is_array() ? command["allowed_tools"].Dump() : "[]");
    writer.Raw(object("disable_model_invocation", command["disable_model_invocation"].AsBool()).Take());
  });
  return writer.EndArray().Take();
}

Task<std::string> ListedCommands(Host host, tutti_call parent) {
  Pending pending = host.InvokeCommand(parent, "slash.list", "{}");
  const Result<std::string> answer = co_await std::move(pending);
  if (answer.status().code() == Code::kNotFound) {
    co_return "[]";  // no plugin has any
  }
  const Result<Json> json = answer.ok() ? Json::Parse(*answer) : Result<Json>(answer.status());
  if (!json.ok()) {
    host.Log(TUTTI_LOG_WARNING, "slash commands could not be listed",
             JsonObject()("error", json.status().ToString()).Take());
    co_return "[]";
  }
  co_return ListedCommandsJson(json->view());
}

}  // namespace tutti::orchestrator
