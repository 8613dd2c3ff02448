// A source of templates, and commands that ask the host's services for templates and about plugins.
#include "tutti/sdk/plugin.hpp"

namespace {

using tutti::Call;
using tutti::Result;
using tutti::Status;
using tutti::Task;

class Relay {
 public:
  explicit Relay(tutti::Host host) : host_(host) {}

  std::string Commands() {
    return R"([{"name":"relay.list"},{"name":"relay.get"},{"name":"relay.manage"},{"name":"relay.can_manage"}])";
  }

  Task<Result<std::string>> Invoke(std::string_view name, std::string_view args, Call call) {
    if (name == "relay.can_manage") {
      co_return std::string(host_.CanManage() ? "true" : "false");
    }
    if (name == "relay.manage") {
      tutti::Pending managed = host_.Manage(call.id(), std::string(args));
      co_return co_await std::move(managed);
    }
    if (name == "relay.list") {
      tutti::Pending listed = host_.ListTemplates(call.id());
      co_return co_await std::move(listed);
    }
    const Result<tutti::Json> json = tutti::Json::Parse(args);
    tutti::Pending got = host_.GetTemplate(call.id(), std::string((*json)["name"].AsString()));
    co_return co_await std::move(got);
  }

  Result<std::string> List(const Call&) {
    return std::string(R"({"templates":[{"name":"scout","description":"looks"}]})");
  }

  Result<std::string> Get(std::string_view name, const Call&) {
    if (name != "scout") {
      return Status::NotFound("not here");
    }
    return std::string(R"({"name":"scout","description":"looks","system_prompt":"You are a scout."})");
  }

 private:
  tutti::Host host_;
};

}  // namespace

TUTTI_PLUGIN(Relay, "test.relay", "1.0.0")
