#include "tutti/sdk/plugin.hpp"

#include <string>
#include <vector>

// A hook that stands before every tool call, sees what it is about to do, and may deny it.
class HookCpp {
 public:
  explicit HookCpp(tutti::Host host) : host_(host) {}

  // `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
  tutti::Status Init(const tutti::Config& config) {
    config["deny"].ForEach([this](tutti::JsonView text) { denied_.emplace_back(text.AsString()); });
    reason_ = config["reason"].AsString();
    return {};
  }

  // Called for each point that plugin.yaml lists, on several worker threads at once.
  tutti::HookReply OnPoint(const tutti::Point& /*point*/, std::string_view payload, const tutti::Call& call) const {
    const tutti::Result<tutti::Json> json = tutti::Json::Parse(payload);
    if (!json.ok()) {
      return tutti::HookReply::Fail(json.status());
    }
    const tutti::JsonView command = (*json)["tool_input"]["command"];
    if ((*json)["tool_name"].AsString() != "Bash") {
      return tutti::HookReply::Allow();
    }
    for (const std::string& text : denied_) {
      if (command.AsString().find(text) != std::string_view::npos) {
        const std::string fields = tutti::JsonObject()("agent", call.agent())("matched", text).Take();
        host_.Log(TUTTI_LOG_WARNING, "command denied", fields);
        host_.Count("commands_denied_total");
        return tutti::HookReply::Deny(reason_);
      }
    }
    return tutti::HookReply::Allow();
  }

 private:
  tutti::Host host_;
  std::vector<std::string> denied_;
  std::string reason_;
};

TUTTI_PLUGIN(HookCpp, "org.example.hook_cpp", "0.1.0")
