#include "host/dispatch/template_merge.h"

#include <optional>

namespace tutti::host {

namespace {

bool IsTextOrAbsent(JsonView value) {
  return !value || value.is_null() || value.is_string();
}

bool IsTextsOrAbsent(JsonView value) {
  bool is_texts = !value || value.is_null() || value.is_array();
  value.ForEach([&](JsonView item) { is_texts = is_texts && item.is_string(); });
  return is_texts;
}

// What is wrong with it; nullopt when nothing is.
std::optional<std::string> Problem(JsonView source) {
  if (source["name"].AsString().empty()) {
    return "expected a template with a name, found " + source["name"].Dump();
  }
  const auto wrong = [&](const char* member, const char* expected) {
    return "template '" + std::string(source["name"].AsString()) + "': expected " + expected + " at `" + member +
           "`, found " + source[member].Dump().substr(0, 60);
  };
  for (const char* member : {"description", "system_prompt", "model", "color", "source", "error"}) {
    if (!IsTextOrAbsent(source[member])) {
      return wrong(member, "a text");
    }
  }
  for (const char* member : {"tools", "disallowed_tools", "ignored"}) {
    if (!IsTextsOrAbsent(source[member])) {
      return wrong(member, "an array of names or null");
    }
  }
  const JsonView turns = source["max_turns"];
  return turns.is_null() || turns.AsInt() >= 1 ? std::nullopt
                                               : std::optional(wrong("max_turns", "a whole number of at least 1"));
}

std::string Normal(JsonView source, std::string_view plugin, bool has_prompt) {
  JsonObject object;
  object("name", source["name"].AsString())("description", source["description"].AsString());
  if (has_prompt) {
    object("system_prompt", source["system_prompt"].AsString());
  }
  object.Raw("tools", source["tools"].Dump()).OrNull("model", source["model"].AsString());
  object.OrNull("color", source["color"].AsString())("source", source["source"].AsString());
  for (const char* member : {"disallowed_tools", "max_turns", "ignored"}) {
    if (!source[member].is_null()) {
      object.Raw(member, source[member].Dump());
    }
  }
  if (!source["error"].AsString().empty()) {
    object("error", source["error"].AsString());
  }
  return object("plugin", plugin).Take();
}

}  // namespace

Result<std::string> TemplateWithPrompt(JsonView source, std::string_view plugin) {
  if (const std::optional<std::string> problem = Problem(source)) {
    return Status::InvalidArgument(*problem);
  }
  return Normal(source, plugin, true);
}

void TemplateMerge::Add(std::string_view plugin, const Result<std::string>& listed) {
  if (!listed.ok()) {
    Fail(plugin, std::string(listed.status().message()));
    return;
  }
  const Result<Json> json = Json::Parse(*listed);
  if (!json.ok() || !(*json)["templates"].is_array()) {
    Fail(plugin, "expected {\"templates\": [...]} as the answer to list, found something else");
    return;
  }
  const JsonView templates = (*json)["templates"];
  for (std::size_t i = 0; i < templates.size() && i < most_; ++i) {
    if (const std::optional<std::string> problem = Problem(templates[i])) {
      Fail(plugin, *problem);
      continue;
    }
    by_name_.emplace(templates[i]["name"].AsString(), Normal(templates[i], plugin, false));
  }
  if (templates.size() > most_) {
    Fail(plugin, "lists " + std::to_string(templates.size()) + " templates, of which the first " +
                     std::to_string(most_) + " are taken; raise host.templates.most or remove some");
  }
}

std::string TemplateMerge::ToJson() const {
  JsonWriter writer;
  writer.BeginObject().Key("templates").BeginArray();
  for (const auto& [name, json] : by_name_) {
    writer.Raw(json);
  }
  writer.EndArray().Key("failed").BeginArray();
  for (const auto& [plugin, error] : failed_) {
    writer.Raw(JsonObject()("plugin", plugin)("error", error).Take());
  }
  return writer.EndArray().EndObject().Take();
}

std::vector<std::string> TemplateMerge::Names() const {
  std::vector<std::string> names;
  names.reserve(by_name_.size());
  for (const auto& [name, json] : by_name_) {
    names.push_back(name);
  }
  return names;
}

void TemplateMerge::Fail(std::string_view plugin, std::string error) {
  failed_.emplace_back(plugin, std::move(error));
}

}  // namespace tutti::host
