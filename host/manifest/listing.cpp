#include "host/manifest/listing.h"

#include <algorithm>
#include <charconv>

#include "host/manifest/grants.h"
#include "host/manifest/storage_section.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

std::vector<std::string> IdsOf(const std::map<std::string, FoundPlugin>& found) {
  std::vector<std::string> ids;
  for (const auto& [id, plugin] : found) {
    ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> PointsOf(const PluginManifest& plugin) {
  std::vector<std::string> names;
  for (const auto& [name, modes] : plugin.points) {
    names.push_back(name);
  }
  return names;
}

// Shapes are the manifest schema's to report; what does not parse here was reported there.
std::optional<int> ToInt(const Node* node) {
  int value = 0;
  if (node == nullptr || !node->is_scalar()) {
    return std::nullopt;
  }
  const char* end = node->text.data() + node->text.size();
  const auto [last, error] = std::from_chars(node->text.data(), end, value);
  return error == std::errc() && last == end ? std::optional(value) : std::nullopt;
}

std::optional<std::chrono::milliseconds> ToMilliseconds(const Node* node) {
  const std::optional<int> value = ToInt(node);
  return value ? std::optional(std::chrono::milliseconds(*value)) : std::nullopt;
}

class EntryReader {
 public:
  EntryReader(const ListedPlugin& listed, const std::map<std::string, FoundPlugin>& found, const Variables& variables,
              Problems& problems)
      : node_(*listed.node),
        plugin_(listed.found->manifest),
        found_(found),
        variables_(variables),
        problems_(problems) {
    entry_.manifest = plugin_;
    entry_.as = listed.as;
    entry_.place = node_.place;
  }

  PluginEntry Read() {
    entry_.required = node_.TextAt("required") == "true";
    entry_.priority = ToInt(node_.Find("priority")).value_or(0);
    ReadConfinement();
    ReadOrder();
    ReadLimits();
    ReadFaultRules("deny", entry_.on_fault.deny);
    ReadFaultRules("allow", entry_.on_fault.allow);
    ReadGrants();
    ReadConfig();
    return std::move(entry_);
  }

 private:
  void ReadConfinement() {
    const std::string level = node_.TextAt("min_confinement");
    if (level == "full") {
      entry_.min_confinement = Confinement::kFull;
    } else if (level == "filtered") {
      entry_.min_confinement = Confinement::kFiltered;
    }
  }

  bool CheckPoint(const std::string& point, const Problem& at) {
    if (plugin_.points.contains(point)) {
      return true;
    }
    const std::vector<std::string> points = PointsOf(plugin_);
    Problem problem = at;
    problem.message = points.empty() ? "plugin " + plugin_.id + " takes part in no hook point; remove '" + point + "'"
                                     : "expected a hook point of plugin " + plugin_.id + " (" + JoinNames(points, 20) +
                                           "), found '" + point + "'";
    problem.nearest = Nearest(point, points);
    problems_.push_back(std::move(problem));
    return false;
  }

  void ReadOrder() {
    const Node* order = node_.Find("order");
    if (order == nullptr) {
      return;
    }
    for (const Member& member : order->members) {
      const std::optional<int> value = ToInt(&member.value);
      if (CheckPoint(member.key, ProblemAt(member, "")) && value) {
        entry_.order[member.key] = *value;
      }
    }
  }

  void ReadLimits() {
    const Node* limits = node_.Find("limits");
    if (limits == nullptr) {
      return;
    }
    entry_.limits.call_timeout = ToMilliseconds(limits->Find("call_timeout_ms"));
    entry_.limits.hook_timeout = ToMilliseconds(limits->Find("hook_timeout_ms"));
    entry_.limits.max_running = ToInt(limits->Find("max_running"));
    ReadProcessLimits(*limits);
  }

  void ReadProcessLimits(const Node& limits) {
    const auto number = [&](const char* key, std::uint64_t& into) {
      if (const std::optional<int> value = ToInt(limits.Find(key))) {
        into = static_cast<std::uint64_t>(*value);
      }
    };
    ProcessLimits& process = entry_.process;
    number("memory_mb", process.memory_mb);
    number("files", process.files);
    number("processes", process.processes);
    process.restarts = ToInt(limits.Find("restarts")).value_or(process.restarts);
    process.restart_window = ToMilliseconds(limits.Find("restart_window_ms")).value_or(process.restart_window);
    process.start_timeout = ToMilliseconds(limits.Find("start_timeout_ms")).value_or(process.start_timeout);
  }

  void ReadFaultRules(const char* key, std::set<std::string>& into) {
    const Node* on_fault = node_.Find("on_fault");
    const Node* list = on_fault == nullptr ? nullptr : on_fault->Find(key);
    if (list == nullptr) {
      return;
    }
    for (const Node& item : list->items) {
      if (!CheckPoint(item.text, ProblemAt(item, ""))) {
        continue;
      }
      into.insert(item.text);
      if (entry_.on_fault.deny.contains(item.text) && entry_.on_fault.allow.contains(item.text)) {
        problems_.push_back(ProblemAt(item, "point " + item.text + " stands under deny and under allow; keep one"));
      }
    }
  }

  void ReadGrants() {
    entry_.storage_json = plugin_.storage_json;
    const Node* grants = node_.Find("grants");
    if (grants == nullptr || !grants->is_map()) {
      return;
    }
    entry_.grants = tutti::host::ReadGrants(*grants);
    const Node* tables = grants->Find("tables");
    if (tables == nullptr || !tables->is_map()) {
      return;
    }
    if (plugin_.storage_json.empty()) {
      problems_.push_back(ProblemAt(*tables, "plugin " + plugin_.id + " has no tables to grant; remove tables"));
      return;
    }
    for (const Member& grantee : tables->members) {
      if (!found_.contains(grantee.key)) {
        problems_.push_back(ProblemAt(grantee, "expected the id of an installed plugin, found '" + grantee.key + "'",
                                      Nearest(grantee.key, IdsOf(found_))));
      }
    }
    entry_.storage_json = AddGrants(plugin_.storage_json, *tables, problems_);
  }

  void ReadConfig() {
    Node empty;
    empty.kind = Node::Kind::kMap;
    empty.place = node_.place;
    empty.path = node_.path + ".config";
    const Node* config = node_.Find("config");
    if (config != nullptr && !config->is_map() && config->kind != Node::Kind::kNull) {
      return;
    }
    entry_.config_json = plugin_.config.Apply(config == nullptr ? empty : *config, &variables_, problems_);
    const Result<Json> json = Json::Parse(entry_.config_json);
    if (json.ok()) {
      CollectSecrets(json->view());
    }
  }

  void CollectSecrets(JsonView json) {
    if (json.is_string() && json.AsString().starts_with("secret://")) {
      entry_.secrets.emplace_back(json.AsString());
    }
    json.ForEach([&](JsonView item) { CollectSecrets(item); });
    json.ForEachMember([&](std::string_view, JsonView value) { CollectSecrets(value); });
  }

  const Node& node_;
  const PluginManifest& plugin_;
  const std::map<std::string, FoundPlugin>& found_;
  const Variables& variables_;
  Problems& problems_;
  PluginEntry entry_;
};

}  // namespace

std::vector<ListedPlugin> ListPlugins(const Node& root, const std::map<std::string, FoundPlugin>& found,
                                      Problems& problems) {
  std::vector<ListedPlugin> listed;
  std::map<std::string, std::string> names;
  const Node* plugins = root.Find("plugins");
  if (plugins == nullptr) {
    return listed;
  }
  for (const Node& node : plugins->items) {
    const Node* id = node.Find("id");
    if (id == nullptr || !id->is_scalar()) {
      continue;
    }
    const auto plugin = found.find(id->text);
    if (plugin == found.end()) {
      const std::vector<std::string> ids = IdsOf(found);
      problems.push_back(
          ProblemAt(*id,
                    "no plugin " + id->text + " is installed; " +
                        (ids.empty() ? "nothing was found below plugin_path" : "installed are " + JoinNames(ids, 40)),
                    Nearest(id->text, ids)));
      continue;
    }
    ListedPlugin entry{&node, &plugin->second, node.TextAt("as"), node.TextAt("enabled") != "false", true};
    if (entry.as.empty()) {
      entry.as = id->text;
    }
    const auto [first, is_new] = names.emplace(entry.as, id->text);
    if (!is_new && first->second != id->text) {
      problems.push_back(ProblemAt(*node.Find("as"),
                                   "name '" + entry.as + "' is taken by plugin " + first->second + "; choose another"));
    }
    listed.push_back(std::move(entry));
  }
  return listed;
}

PluginEntry ReadEntry(const ListedPlugin& listed, const std::map<std::string, FoundPlugin>& found,
                      const Variables& variables, Problems& problems) {
  return EntryReader(listed, found, variables, problems).Read();
}

}  // namespace tutti::host
