#include "tutti/sdk/plugin.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

#include "policy.h"

namespace tutti::guard {
namespace {

class Guard {
 public:
  explicit Guard(Host host) : host_(host) {}

  Status Init(const Config& config) {
    const char* home = std::getenv("HOME");
    Policy::Options options;
    options.home = home != nullptr ? home : "";
    options.max_command_bytes = static_cast<std::size_t>(config["max_command_bytes"].AsInt());
    Result<Policy> policy = Policy::Parse(config["rules"], config["default"].AsString(), options);
    if (!policy) {
      return policy.status();
    }
    policy_ = std::move(*policy);
    return {};
  }

  HookReply OnPoint(const Point&, std::string_view payload, const Call& call) {
    const Result<Json> json = Json::Parse(payload);
    if (!json) {
      return HookReply::Fail(json.status());
    }
    const std::string_view tool = (*json)["tool_name"].AsString();
    const Decision decision = policy_.Decide(tool, (*json)["tool_input"]);
    if (decision.is_allowed) {
      return HookReply::Allow();
    }
    host_.Log(TUTTI_LOG_INFORMATION, "tool call denied", JsonObject()("tool", tool)("run", call.run()).Take());
    return HookReply::Deny(decision.reason);
  }

 private:
  const Host host_;
  Policy policy_;
};

}  // namespace
}  // namespace tutti::guard

TUTTI_PLUGIN(tutti::guard::Guard, "tutti.hooks.guard", "0.1.0")
