#include "tutti/sdk/plugin.hpp"

#include "house_commands.h"
#include "tutti/sdk/commands.hpp"

namespace tutti::house {

class HousePlugin {
 public:
  explicit HousePlugin(Host host) : host_(host) {
    for (const HouseCommand& command : HouseCommands()) {
      commands_.Add(command.definition, [this, verb = command.verb](const Call& call, JsonView args) {
        return Keep(call.id(), verb, RequestOf(verb, args));
      });
    }
  }

  Status Init(const Config&) const {
    return host_.CanKeepHouse() ? Status()
                                : Status::PermissionDenied(
                                      "it reads and erases across all tables and was not granted `house`; grant it in "
                                      "the manifest, or disable it");
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  Task<Result<std::string>> Keep(tutti_call call, std::string verb, std::string request) {
    Pending pending = host_.KeepHouse(call, std::move(request));
    Result<std::string> result = co_await std::move(pending);
    if (!result.ok()) {
      co_return result;
    }
    co_return AnswerOf(verb, std::move(*result));
  }

  const Host host_;
  CommandSet commands_;
};

}  // namespace tutti::house

TUTTI_PLUGIN(tutti::house::HousePlugin, "tutti.commands.house", "0.1.0")
