#include "tutti/sdk/plugin.hpp"

#include "definitions.h"
#include "tutti/sdk/commands.hpp"

namespace tutti::plugins {

class PluginsPlugin {
 public:
  explicit PluginsPlugin(Host host) : host_(host) {
    for (const ManagedCommand& command : ManagedCommands()) {
      commands_.Add(command.definition, [this, operation = command.operation](const Call& call, JsonView args) {
        return Manage(call.id(), OperationOf(operation, args));
      });
    }
  }

  Status Init(const Config&) const {
    return host_.CanManage() ? Status()
                             : Status::PermissionDenied(
                                   "it manages plugins and was not granted `admin`; grant it in the manifest, or "
                                   "disable it");
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  Task<Result<std::string>> Manage(tutti_call call, std::string operation) {
    Pending pending = host_.Manage(call, std::move(operation));
    Result<std::string> result = co_await std::move(pending);
    co_return result;
  }

  const Host host_;
  CommandSet commands_;
};

}  // namespace tutti::plugins

TUTTI_PLUGIN(tutti::plugins::PluginsPlugin, "tutti.commands.plugins", "0.1.0")
