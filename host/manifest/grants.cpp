#include "host/manifest/grants.h"

#include "host/manifest/permissions.h"
#include "host/manifest/storage_section.h"

namespace tutti::host {
namespace {

std::vector<std::filesystem::path> ReadPaths(const Node* list) {
  std::vector<std::filesystem::path> paths;
  if (list == nullptr) {
    return paths;
  }
  for (const Node& item : list->items) {
    if (item.is_scalar() && !item.text.empty()) {
      const std::filesystem::path base = std::filesystem::absolute(item.place.file).parent_path();
      paths.push_back((base / item.text).lexically_normal());
    }
  }
  return paths;
}

}  // namespace

std::string GrantsSectionSchema() {
  const std::string paths = "{type: array, items: {type: string}}";
  return "{type: object, properties: {services: {type: array, items: {enum: " + GrantableServicesYaml() +
         "}}, net: {type: boolean}, exec: {type: boolean}, path: {type: object, properties: {read: " + paths +
         ", write: " + paths + "}}, tables: " + std::string(kGrantsSchema) + "}}";
}

PluginGrants ReadGrants(const Node& section) {
  PluginGrants grants;
  if (const Node* services = section.Find("services")) {
    for (const Node& item : services->items) {
      grants.services.insert(item.text);
    }
  }
  grants.net = section.TextAt("net") == "true";
  grants.exec = section.TextAt("exec") == "true";
  if (const Node* path = section.Find("path")) {
    grants.read_paths = ReadPaths(path->Find("read"));
    grants.write_paths = ReadPaths(path->Find("write"));
  }
  return grants;
}

}  // namespace tutti::host
