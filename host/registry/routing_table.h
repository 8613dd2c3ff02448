// Who serves what: an immutable picture of all active plugins, replaced as a whole when one comes or goes.
//
// Threads: a table is read from any thread. Ownership: points into PluginInstances, which outlive every table: a table
// that is used while plugins come and go owns them (Own).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/registry/command_definition.h"
#include "host/registry/plugin_instance.h"

namespace tutti::host {

class ArgumentSchema;

struct CommandRoute {
  CommandDefinition definition;
  PluginInstance* plugin = nullptr;
  std::shared_ptr<const ArgumentSchema> schema;  // set by the dispatcher
  std::string quarantine;                        // why the plugin was taken out; empty: it serves
};

struct HookRoute {
  PluginInstance* plugin = nullptr;
  int order = 100;
  bool fail_closed = false;
};

struct HookPoint {
  std::vector<HookRoute> gates;      // by order, then id
  std::vector<HookRoute> records;    // the same
  std::vector<HookRoute> observers;  // the same
};

struct RestTarget {
  const CommandRoute* route = nullptr;
  const RestBinding* binding = nullptr;
};

struct RestMatch {
  RestTarget target;                                          // empty: no such path, or not with this method
  std::vector<std::pair<std::string, std::string>> captures;  // {name} segments, percent-decoded by the caller
  std::vector<std::string> allowed;  // without target: methods the path has; empty: no such path
};

class RoutingTable {
 public:
  // Commands of all plugins in load order. A name, tool name or route that is taken is reported in `problems` and left
  // out.
  RoutingTable(const std::vector<PluginInstance*>& active, std::string_view storage_id, std::string_view model_id,
               std::string_view runtime_id, std::vector<std::string>& problems);

  // Keeps these as long as the table. Before the table is shared.
  void Own(std::vector<std::shared_ptr<PluginInstance>> plugins) { owned_ = std::move(plugins); }

  // A plugin that was taken out because it failed. Its gates and records that fail closed stay, and fail: who breaks a
  // guard does not get past it. Its commands, as the table `before` (nullptr: none) has them, can be found but are not
  // listed: whoever asks for one is told `reason`. What another plugin serves by now is the other's. Before the table
  // is shared.
  void AddQuarantined(PluginInstance& plugin, const RoutingTable* before, const std::string& reason);

  RoutingTable(const RoutingTable&) = delete;
  RoutingTable& operator=(const RoutingTable&) = delete;

  // nullptr: unknown.
  [[nodiscard]] const CommandRoute* FindCommand(std::string_view name) const;
  [[nodiscard]] const CommandRoute* FindTool(std::string_view tool_name) const;
  [[nodiscard]] const CommandRoute* FindWebSocket(std::string_view path) const;
  [[nodiscard]] const HookPoint* FindPoint(std::string_view name) const;
  [[nodiscard]] PluginInstance* FindPlugin(std::string_view id) const;

  // HEAD is answered by GET. Paths without {} win over those with.
  [[nodiscard]] RestMatch FindRest(std::string_view method, std::string_view path) const;

  // Those that are served.
  [[nodiscard]] const std::vector<std::unique_ptr<CommandRoute>>& commands() const { return commands_; }

  // Those of plugins in quarantine.
  [[nodiscard]] const std::vector<std::unique_ptr<CommandRoute>>& quarantined() const { return quarantined_; }

  [[nodiscard]] std::vector<std::unique_ptr<CommandRoute>>& mutable_commands() { return commands_; }

  // nullptr: no such role is filled.
  [[nodiscard]] PluginInstance* storage() const { return storage_; }

  [[nodiscard]] PluginInstance* model() const { return model_; }

  [[nodiscard]] PluginInstance* runtime() const { return runtime_; }

  // The highest priority first, then in load order.
  [[nodiscard]] const std::vector<PluginInstance*>& templates() const { return templates_; }

 private:
  struct Pattern {
    std::vector<std::string> segments;  // "{name}" or literal
    std::map<std::string, RestTarget, std::less<>> methods;
  };

  void AddCommands(PluginInstance& plugin, std::vector<std::string>& problems);
  void AddQuarantinedCommands(const PluginInstance& plugin, const RoutingTable& before, const std::string& reason);
  bool AddNames(const CommandRoute& route, std::vector<std::string>& problems);
  void AddRest(const CommandRoute& route, std::vector<std::string>& problems);
  void AddHooks(PluginInstance& plugin, bool is_quarantined);
  void SortHooks();

  std::vector<std::shared_ptr<PluginInstance>> owned_;
  std::map<std::string_view, PluginInstance*> plugins_;
  std::vector<std::unique_ptr<CommandRoute>> commands_;
  std::vector<std::unique_ptr<CommandRoute>> quarantined_;
  std::map<std::string, const CommandRoute*, std::less<>> by_name_;
  std::map<std::string, const CommandRoute*, std::less<>> by_tool_;
  std::map<std::string, const CommandRoute*, std::less<>> by_websocket_;
  std::map<std::string, std::map<std::string, RestTarget, std::less<>>, std::less<>> exact_;  // path -> method
  std::vector<Pattern> patterns_;
  std::map<std::string, HookPoint, std::less<>> points_;
  PluginInstance* storage_ = nullptr;
  PluginInstance* model_ = nullptr;
  PluginInstance* runtime_ = nullptr;
  std::vector<PluginInstance*> templates_;
};

using RoutingTablePtr = std::shared_ptr<const RoutingTable>;

}  // namespace tutti::host
