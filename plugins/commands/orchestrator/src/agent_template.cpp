#include "agent_template.h"

#include <utility>

namespace tutti::orchestrator {

AgentTemplate AgentTemplate::FromJson(JsonView json) {
  const auto text = [&](const char* member) { return std::string(json[member].AsString()); };
  AgentTemplate result;
  result.name = text("name");
  result.description = text("description");
  result.system_prompt = text("system_prompt");
  result.model = text("model");
  result.color = text("color");
  if (json["tools"].is_array()) {
    result.tools.emplace();
    json["tools"].ForEach([&](JsonView tool) { result.tools->emplace_back(tool.AsString()); });
  }
  json["disallowed_tools"].ForEach([&](JsonView tool) { result.disallowed_tools.emplace_back(tool.AsString()); });
  result.max_turns = json["max_turns"].AsInt();
  return result;
}

Task<std::vector<AgentTemplate>> ListTemplates(Host host, tutti_call parent) {
  Pending pending = host.ListTemplates(parent);
  const Result<std::string> answer = co_await std::move(pending);
  std::vector<AgentTemplate> templates;
  const Result<Json> json = answer.ok() ? Json::Parse(*answer) : Result<Json>(answer.status());
  if (!json.ok()) {
    host.Log(TUTTI_LOG_WARNING, "templates could not be listed",
             JsonObject()("error", json.status().ToString()).Take());
    co_return templates;
  }
  (*json)["templates"].ForEach([&](JsonView item) {
    if (item["error"].AsString().empty()) {
      templates.push_back(AgentTemplate::FromJson(item));
    }
  });
  (*json)["failed"].ForEach(
      [&](JsonView failure) { host.Log(TUTTI_LOG_WARNING, "a template source failed", failure.Dump()); });
  co_return templates;
}

Task<Result<AgentTemplate>> GetTemplate(Host host, tutti_call parent, std::string name) {
  Pending pending = host.GetTemplate(parent, std::move(name));
  const Result<std::string> answer = co_await std::move(pending);
  if (!answer.ok()) {
    co_return answer.status();
  }
  const Result<Json> json = Json::Parse(*answer);
  if (!json.ok()) {
    co_return json.status();
  }
  co_return AgentTemplate::FromJson(json->view());
}

std::string TemplatesJson(const std::vector<AgentTemplate>& templates) {
  JsonWriter writer;
  writer.BeginArray();
  for (const AgentTemplate& item : templates) {
    writer.Raw(JsonObject()("name", item.name)("description", item.description).Take());
  }
  return writer.EndArray().Take();
}

}  // namespace tutti::orchestrator
