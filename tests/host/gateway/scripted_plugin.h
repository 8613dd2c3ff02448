// A command plugin inside the test: definitions and behaviour are given, the way there is the real one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/registry/plugin_instance.h"
#include "host/registry/routing_table.h"

namespace tutti::host {

class ScriptedPlugin {
 public:
  struct Invocation {
    tutti_call call = 0;
    std::string command;
    std::string args;
    std::string principal;
    std::uint32_t surface = 0;
  };

  static constexpr std::string_view kId = "org.example.scripted";

  // `on_invoke` ends the call, now or later, through CallTable::Finish with kId as its owner.
  ScriptedPlugin(std::string definitions, std::function<void(Invocation)> on_invoke);

  [[nodiscard]] PluginInstance& instance() { return instance_; }

  // A table with this plugin alone, schemas compiled.
  [[nodiscard]] RoutingTablePtr MakeTable();

  [[nodiscard]] const std::string& definitions() const { return definitions_; }

  void Invoke(Invocation invocation) { on_invoke_(std::move(invocation)); }

 private:
  const std::string definitions_;
  const std::function<void(Invocation)> on_invoke_;
  PluginInstance instance_;
};

}  // namespace tutti::host
