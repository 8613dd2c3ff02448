#include "tool_catalog.h"

#include "tutti/sdk/json.hpp"

namespace tutti::loop {

ToolCatalog::ToolCatalog(std::string_view offered, const std::vector<std::string>& names) {
  const Result<Json> json = Json::Parse(offered);
  if (!json.ok()) {
    return;
  }
  const std::set<std::string, std::less<>> wanted(names.begin(), names.end());
  JsonWriter definitions;
  JsonWriter allowed;
  definitions.BeginArray();
  allowed.BeginArray();
  json->view().ForEach([&](JsonView tool) {
    const std::string_view name = tool["name"].AsString();
    if (!wanted.contains(name)) {
      return;
    }
    JsonObject definition;
    definition("name", name)("description", tool["description"].AsString());
    definition.Raw("input_schema", tool["input_schema"].Dump());
    definitions.Raw(definition.Take());
    allowed.Value(name);
    if (tool["effects"].AsString() == "read") {
      read_only_.emplace(name);
    }
  });
  definitions_ = definitions.EndArray().Take();
  allowed_ = allowed.EndArray().Take();
}

}  // namespace tutti::loop
