#include "tests/host/gateway/scripted_plugin.h"

#include <stdexcept>
#include <utility>

#include "host/dispatch/dispatcher.h"
#include "tests/host/one_plugin.h"
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

const void* Extension(const char* /*kind*/) {
  return &kCommand;
}

constexpr tutti_entry kEntry = EntryOf<&Extension>(ScriptedPlugin::kId.data());

}  // namespace

ScriptedPlugin::ScriptedPlugin(std::string definitions, std::function<void(Invocation)> on_invoke)
    : definitions_(std::move(definitions)),
      on_invoke_(std::move(on_invoke)),
      instance_(SpecOf(std::string(kId), {"command"}), this, &NoService) {
  StartPlugin(instance_, kEntry);
}

RoutingTablePtr ScriptedPlugin::MakeTable() {
  std::vector<std::string> problems;
  auto table = std::make_shared<RoutingTable>(std::vector<PluginInstance*>{&instance_}, "", "", "", problems);
  Dispatcher::Prepare(*table, nullptr, problems);
  if (!problems.empty()) {
    throw std::runtime_error(problems.front());
  }
  return table;
}

}  // namespace tutti::host
