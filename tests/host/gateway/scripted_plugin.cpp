#include "tests/host/gateway/scripted_plugin.h"

#include <stdexcept>
#include <utility>

#include "host/dispatch/dispatcher.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

ScriptedPlugin& Of(void* self) {
  return *static_cast<ScriptedPlugin*>(self);
}

constexpr tutti_command kCommand{
    sizeof(tutti_command),
    [](void* self, const tutti_sink* out) { out->write(out->user, Str(Of(self).definitions())); },
    [](void* self, const tutti_call_info* info, tutti_str name, tutti_str args) {
      Of(self).Invoke({info->call, std::string(View(name)), std::string(View(args)), std::string(View(info->principal)),
                       info->surface});
    }};

tutti_code Create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* /*error*/) {
  plugin->self = PluginInstance::Of(host)->core();
  plugin->init = [](void*, tutti_str, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
  plugin->activate = [](void*, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
  plugin->deactivate = [](void*) {};
  plugin->destroy = [](void*) {};
  plugin->get_extension = [](void*, const char*) -> const void* { return &kCommand; };
  return TUTTI_OK;
}

constexpr tutti_entry kEntry{
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "org.example.scripted", "1.0.0", &Create};

PluginSpec Spec() {
  PluginSpec spec;
  spec.id = ScriptedPlugin::kId;
  spec.version = "1.0.0";
  spec.kinds = {"command"};
  return spec;
}

void Require(const Status& status) {
  if (!status.ok()) {
    throw std::runtime_error(status.ToString());
  }
}

}  // namespace

ScriptedPlugin::ScriptedPlugin(std::string definitions, std::function<void(Invocation)> on_invoke)
    : definitions_(std::move(definitions)),
      on_invoke_(std::move(on_invoke)),
      instance_(Spec(), this, [](const tutti_host*, const char*) -> const void* { return nullptr; }) {
  Require(instance_.Create(kEntry));
  Require(instance_.Init());
  Require(instance_.Activate());
}

RoutingTablePtr ScriptedPlugin::MakeTable() {
  std::vector<std::string> problems;
  auto table = std::make_shared<RoutingTable>(std::vector<PluginInstance*>{&instance_}, "", "", "", problems);
  Dispatcher::Prepare(*table, problems);
  if (!problems.empty()) {
    throw std::runtime_error(problems.front());
  }
  return table;
}

}  // namespace tutti::host
