#include "host/manifest/overlay.h"

#include <algorithm>
#include <utility>

#include "host/manifest/private_file.h"
#include "host/manifest/schema.h"
#include "host/manifest/yaml_reader.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

const Schema& FileSchema() {
  static const Schema kSchema = Schema::BuiltIn(R"(
type: object
required: [version]
properties:
  version: {const: 1}
  plugins:
    type: array
    items:
      type: object
      required: [id, enabled]
      properties:
        id: {type: string, minLength: 1}
        enabled: {type: boolean}
)");
  return kSchema;
}

Node Scalar(std::string text, const Place& place) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  node.place = place;
  return node;
}

Member MemberOf(std::string key, Node value) {
  const Place place = value.place;
  return {std::move(key), place, std::move(value)};
}

Node& PluginsOf(Node& root) {
  for (Member& member : root.members) {
    if (member.key == "plugins" && member.value.is_sequence()) {
      return member.value;
    }
  }
  Node list;
  list.kind = Node::Kind::kSequence;
  list.place = root.place;
  list.path = "plugins";
  std::erase_if(root.members, [](const Member& member) { return member.key == "plugins"; });
  root.members.push_back(MemberOf("plugins", std::move(list)));
  return root.members.back().value;
}

}  // namespace

Overlay Overlay::Read(const std::filesystem::path& path, Problems& problems) {
  Overlay overlay;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return overlay;
  }
  Problems found;
  const std::optional<Node> root = ReadYamlFile(path.string(), nullptr, found);
  if (root) {
    static_cast<void>(FileSchema().Apply(*root, nullptr, found));
  }
  if (root && found.empty()) {
    if (const Node* plugins = root->Find("plugins")) {
      for (const Node& entry : plugins->items) {
        overlay.SetEnabled(entry.TextAt("id"), entry.TextAt("enabled") == "true");
        overlay.plugins_.back().place = entry.place;
      }
    }
  }
  for (Problem& problem : found) {
    problem.message += "; this file is written by tutti: put it right, or remove it to go back to the manifest alone";
    problems.push_back(std::move(problem));
  }
  return overlay;
}

Result<Overlay> Overlay::Read(const std::filesystem::path& path) {
  Problems problems;
  Overlay overlay = Read(path, problems);
  if (problems.empty()) {
    return overlay;
  }
  std::string text;
  for (const Problem& problem : problems) {
    text += (text.empty() ? "" : "\n") + ToString(problem);
  }
  return Status::FailedPrecondition(std::move(text));
}

void Overlay::SetEnabled(std::string_view id, bool enabled) {
  Remove(id);
  plugins_.push_back({std::string(id), enabled, {}});
}

void Overlay::Remove(std::string_view id) {
  std::erase_if(plugins_, [id](const Plugin& plugin) { return plugin.id == id; });
}

std::optional<bool> Overlay::enabled(std::string_view id) const {
  const auto found = std::find_if(plugins_.begin(), plugins_.end(), [id](const Plugin& p) { return p.id == id; });
  return found == plugins_.end() ? std::nullopt : std::optional(found->enabled);
}

Status Overlay::Write(const std::filesystem::path& path) const {
  std::string text =
      "# Written by tutti: plugins that were switched while the server ran. Laid over the manifest last.\n"
      "version: 1\nplugins:\n";
  for (const Plugin& plugin : plugins_) {
    text += "  - {id: " + JsonQuote(plugin.id) + ", enabled: " + (plugin.enabled ? "true" : "false") + "}\n";
  }
  if (plugins_.empty()) {
    text += "  []\n";
  }
  return WritePrivateFile(path, text);
}

void Overlay::ApplyTo(Node& root) const {
  if (plugins_.empty() || !root.is_map()) {
    return;
  }
  Node& list = PluginsOf(root);
  for (const Plugin& plugin : plugins_) {
    const auto entry = std::find_if(list.items.begin(), list.items.end(),
                                    [&](const Node& item) { return item.TextAt("id") == plugin.id; });
    Node enabled = Scalar(plugin.enabled ? "true" : "false", plugin.place);
    if (entry != list.items.end()) {
      enabled.path = entry->path + ".enabled";
      std::erase_if(entry->members, [](const Member& member) { return member.key == "enabled"; });
      entry->members.push_back(MemberOf("enabled", std::move(enabled)));
    } else if (plugin.enabled) {
      Node item;
      item.kind = Node::Kind::kMap;
      item.place = plugin.place;
      item.path = "plugins[" + std::to_string(list.items.size()) + "]";
      Node id = Scalar(plugin.id, plugin.place);
      id.path = item.path + ".id";
      enabled.path = item.path + ".enabled";
      item.members.push_back(MemberOf("id", std::move(id)));
      item.members.push_back(MemberOf("enabled", std::move(enabled)));
      list.items.push_back(std::move(item));
    }
  }
}

}  // namespace tutti::host
