#include "host/registry/routing_table.h"

#include <algorithm>
#include <utility>

#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> segments;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool IsCapture(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string Describe(PluginInstance& plugin) {
  std::string text;
  const tutti_sink sink{sizeof sink, &text,
                        [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
  (void)plugin.Enter(operation::kDescribe, 0, {}, [&] { plugin.command()->describe(plugin.self(), &sink); });
  return text;
}

template <typename Map>
const CommandRoute* Lookup(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

RoutingTable::RoutingTable(const std::vector<PluginInstance*>& active, std::string_view storage_id,
                           std::string_view model_id, std::string_view runtime_id, std::vector<std::string>& problems) {
  for (PluginInstance* plugin : active) {
    plugins_.emplace(plugin->id(), plugin);
    if (plugin->command() != nullptr) {
      AddCommands(*plugin, problems);
    }
    if (plugin->hook() != nullptr) {
      AddHooks(*plugin, false);
    }
    if (plugin->storage() != nullptr && plugin->id() == storage_id) {
      storage_ = plugin;
    }
    if (plugin->model() != nullptr && plugin->id() == model_id) {
      model_ = plugin;
    }
    if (plugin->runtime() != nullptr && plugin->id() == runtime_id) {
      runtime_ = plugin;
    }
    if (plugin->templates() != nullptr) {
      templates_.push_back(plugin);
    }
  }
  std::stable_sort(templates_.begin(), templates_.end(), [](const PluginInstance* a, const PluginInstance* b) {
    return a->spec().priority > b->spec().priority;
  });
  SortHooks();
}

void RoutingTable::AddQuarantined(PluginInstance& plugin, const RoutingTable* before, const std::string& reason) {
  if (plugin.hook() != nullptr) {
    AddHooks(plugin, true);
    SortHooks();
  }
  if (before != nullptr) {
    AddQuarantinedCommands(plugin, *before, reason);
  }
}

// From the table before, for the plugin is not asked any more.
void RoutingTable::AddQuarantinedCommands(const PluginInstance& plugin, const RoutingTable& before,
                                          const std::string& reason) {
  std::vector<std::string> taken;  // no problem of anybody's: the other one serves
  for (const auto* routes : {&before.commands_, &before.quarantined_}) {
    for (const auto& known : *routes) {
      if (known->plugin != &plugin) {
        continue;
      }
      auto route = std::make_unique<CommandRoute>(*known);
      route->quarantine = reason;
      if (AddNames(*route, taken)) {
        quarantined_.push_back(std::move(route));
      }
    }
  }
}

void RoutingTable::SortHooks() {
  const auto by_order = [](const HookRoute& a, const HookRoute& b) {
    return std::pair(a.order, a.plugin->id()) < std::pair(b.order, b.plugin->id());
  };
  for (auto& [name, point] : points_) {
    std::sort(point.gates.begin(), point.gates.end(), by_order);
    std::sort(point.records.begin(), point.records.end(), by_order);
    std::sort(point.observers.begin(), point.observers.end(), by_order);
  }
}

void RoutingTable::AddCommands(PluginInstance& plugin, std::vector<std::string>& problems) {
  const std::string where = std::string(plugin.id()) + ": ";
  const Result<Json> described = Json::Parse(Describe(plugin));
  if (!described.ok() || !described->view().is_array()) {
    problems.push_back(where + "expected a JSON array of command definitions, found something else");
    return;
  }
  described->view().ForEach([&](JsonView json) {
    Result<CommandDefinition> definition = ParseCommandDefinition(json);
    if (!definition.ok()) {
      problems.push_back(where + std::string(definition.status().message()));
      return;
    }
    auto route = std::make_unique<CommandRoute>();
    route->definition = std::move(*definition);
    route->plugin = &plugin;
    if (AddNames(*route, problems)) {
      commands_.push_back(std::move(route));
    }
  });
}

// false: another command has the name.
bool RoutingTable::AddNames(const CommandRoute& route, std::vector<std::string>& problems) {
  const std::string where = std::string(route.plugin->id()) + ": ";
  const CommandDefinition& d = route.definition;
  if (const CommandRoute* taken = FindCommand(d.name)) {
    problems.push_back(where + "the command " + d.name + " is taken by " + std::string(taken->plugin->id()));
    return false;
  }
  by_name_.emplace(d.name, &route);
  if (d.on_tool && !by_tool_.emplace(d.tool_name, &route).second) {
    problems.push_back(where + "the tool name " + d.tool_name + " is taken; the command stays without it");
  }
  if (!d.websocket_path.empty() && !by_websocket_.emplace(d.websocket_path, &route).second) {
    problems.push_back(where + "the WebSocket path " + d.websocket_path + " is taken");
  }
  AddRest(route, problems);
  return true;
}

void RoutingTable::AddRest(const CommandRoute& route, std::vector<std::string>& problems) {
  for (const RestBinding& binding : route.definition.rest) {
    const RestTarget target{&route, &binding};
    bool added = false;
    std::vector<std::string> segments = Split(binding.path);
    if (std::none_of(segments.begin(), segments.end(), IsCapture)) {
      added = exact_[binding.path].emplace(binding.method, target).second;
    } else {
      auto found = std::find_if(patterns_.begin(), patterns_.end(),
                                [&](const Pattern& pattern) { return pattern.segments == segments; });
      if (found == patterns_.end()) {
        found = patterns_.insert(patterns_.end(), Pattern{std::move(segments), {}});
      }
      added = found->methods.emplace(binding.method, target).second;
    }
    if (!added) {
      problems.push_back(route.definition.name + ": the route " + binding.method + " " + binding.path + " is taken");
    }
  }
}

void RoutingTable::AddHooks(PluginInstance& plugin, bool is_quarantined) {
  for (const auto& [name, modes] : plugin.spec().points) {
    const auto order = plugin.spec().order.find(name);
    for (const std::string& mode : modes) {
      HookRoute route;
      route.plugin = &plugin;
      route.order = order == plugin.spec().order.end() ? 100 : order->second;
      route.fail_closed = (mode == "gate" || plugin.spec().deny_on_fault.contains(name)) &&
                          !plugin.spec().allow_on_fault.contains(name);
      if (is_quarantined && (!route.fail_closed || (mode != "gate" && mode != "record"))) {
        continue;
      }
      HookPoint& point = points_[name];
      (mode == "gate" ? point.gates : mode == "record" ? point.records : point.observers).push_back(route);
    }
  }
}

const CommandRoute* RoutingTable::FindCommand(std::string_view name) const {
  return Lookup(by_name_, name);
}

const CommandRoute* RoutingTable::FindTool(std::string_view tool_name) const {
  return Lookup(by_tool_, tool_name);
}

const CommandRoute* RoutingTable::FindWebSocket(std::string_view path) const {
  return Lookup(by_websocket_, path);
}

PluginInstance* RoutingTable::FindPlugin(std::string_view id) const {
  const auto found = plugins_.find(id);
  return found == plugins_.end() ? nullptr : found->second;
}

const HookPoint* RoutingTable::FindPoint(std::string_view name) const {
  const auto found = points_.find(name);
  return found == points_.end() ? nullptr : &found->second;
}

RestMatch RoutingTable::FindRest(std::string_view method, std::string_view path) const {
  RestMatch match;
  const auto pick = [&](const std::map<std::string, RestTarget, std::less<>>& methods) {
    auto found = methods.find(method);
    if (found == methods.end() && method == "HEAD") {
      found = methods.find(std::string_view("GET"));
    }
    if (found != methods.end()) {
      match.target = found->second;
      return;
    }
    for (const auto& [name, target] : methods) {
      match.allowed.push_back(name);
    }
  };
  if (const auto found = exact_.find(path); found != exact_.end()) {
    pick(found->second);
    return match;
  }
  const std::vector<std::string> segments = Split(path);
  for (const Pattern& pattern : patterns_) {
    if (pattern.segments.size() != segments.size()) {
      continue;
    }
    std::vector<std::pair<std::string, std::string>> captures;
    bool fits = true;
    for (std::size_t i = 0; i < segments.size() && fits; ++i) {
      const std::string& wanted = pattern.segments[i];
      if (IsCapture(wanted)) {
        captures.emplace_back(wanted.substr(1, wanted.size() - 2), segments[i]);
      } else {
        fits = wanted == segments[i];
      }
    }
    if (fits) {
      pick(pattern.methods);
      match.captures = std::move(captures);
      return match;
    }
  }
  return match;
}

}  // namespace tutti::host
