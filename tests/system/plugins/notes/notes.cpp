// A plugin of somebody else's: one command that works, one that wants what it was not granted.
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/plugin.hpp"

namespace {

using tutti::Call;
using tutti::JsonObject;
using tutti::JsonView;
using tutti::Result;
using tutti::Task;

class Notes {
 public:
  explicit Notes(tutti::Host host) : host_(host) {
    commands_.AddDirect(
        R"({"name":"notes.hello","summary":"Says hello.","effects":"read","surfaces":["rest"]})",
        [](const Call&, JsonView) -> Result<std::string> { return JsonObject()("says", "hello").Take(); });
    commands_.Add(R"({"name":"notes.reach","summary":"Runs another command.","effects":"read","surfaces":["rest"]})",
                  [this](const Call& call, JsonView) -> Task<Result<std::string>> { return Reach(call); });
  }

  std::string Commands() { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) { commands_.Invoke(name, args, call); }

 private:
  Task<Result<std::string>> Reach(const Call& call) {
    Result<std::string> answer = co_await host_.InvokeCommand(call.id(), "notes.hello", "{}");
    co_return answer;
  }

  tutti::Host host_;
  tutti::CommandSet commands_;
};

}  // namespace

TUTTI_PLUGIN(Notes, "org.example.notes", "1.0.0")
