#include "template_catalog.h"

#include <filesystem>
#include <utility>

#include "texts_json.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::templates {
Result<std::string> TemplateCatalog::Get(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    return Status::NotFound("no file in " + JoinNames(directories_) + " has a template named '" + std::string(name) +
                            "'");
  }
  if (!found->second.content.error.empty()) {
    return Status::FailedPrecondition(found->second.content.error);
  }
  return ToJson(found->second, true);
}

void TemplateCatalog::Add(const documents::FoundFile& place, const AgentTemplate& content, Root& names) {
  Item item{content, CleanUtf8(place.path)};
  if (item.content.error.empty()) {
    const auto taken = names.working.find(item.content.name);
    if (taken == names.working.end()) {
      names.working.emplace(item.content.name, std::move(item));
      return;
    }
    item.content.error = item.path + ":1: expected a name of its own, found '" + item.content.name +
                         "', which is that of " + taken->second.path;
    item.content.name.clear();
  }
  if (item.content.name.empty()) {
    item.content.name = CleanUtf8(std::filesystem::path(place.relative).stem().string());
  }
  names.broken.push_back(std::move(item));
}

void TemplateCatalog::Merge(Root& names) {
  for (auto& [name, item] : names.working) {
    by_name_.emplace(name, std::move(item));
  }
  for (Item& item : names.broken) {
    by_name_.emplace(item.content.name, std::move(item));
  }
}

void TemplateCatalog::MakeList() {
  JsonWriter writer;
  writer.BeginObject().Key("templates").BeginArray();
  for (const auto& [name, item] : by_name_) {
    writer.Raw(ToJson(item, false));
  }
  list_ = writer.EndArray().EndObject().Take();
}

std::string TemplateCatalog::ToJson(const Item& item, bool with_prompt) {
  const AgentTemplate& content = item.content;
  JsonObject object;
  object("name", content.name)("description", content.description);
  if (with_prompt) {
    object("system_prompt", content.prompt);
  }
  object.Raw("tools", content.tools ? documents::TextsJson(*content.tools) : "null");
  object.OrNull("model", content.model).OrNull("color", content.color)("source", item.path);
  if (!content.disallowed_tools.empty()) {
    object.Raw("disallowed_tools", documents::TextsJson(content.disallowed_tools));
  }
  if (content.max_turns) {
    object("max_turns", *content.max_turns);
  }
  if (!content.ignored.empty()) {
    object.Raw("ignored", documents::TextsJson(content.ignored));
  }
  if (!content.error.empty()) {
    object("error", content.error);
  }
  return object.Take();
}

}  // namespace tutti::templates
