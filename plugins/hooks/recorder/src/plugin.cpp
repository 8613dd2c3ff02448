#include "tutti/sdk/plugin.hpp"

#include "agent_log.h"
#include "tutti/sdk/text.hpp"

namespace tutti::recorder {

class RecorderPlugin {
 public:
  explicit RecorderPlugin(Host) {}

  HookReply OnPoint(const Point& point, std::string_view payload, const Call& call) {
    if (!point.is_record) {
      return HookReply::Allow();
    }
    const Result<Json> labels = Json::Parse(call.labels().empty() ? std::string_view("{}") : call.labels());
    if (!labels.ok() || (*labels)["role"].AsString() != "agent") {
      return HookReply::Allow();
    }
    const Result<Json> parsed = Json::Parse(CleanJson(payload));
    if (!parsed.ok()) {
      return HookReply::Fail(parsed.status());
    }
    const auto log = AgentLog::FromPoint(point.name, parsed->view(), point.index, point.time_us);
    if (!log) {
      return HookReply::Allow();
    }
    return HookReply::Record(log->Operations({.agent = call.agent(),
                                              .agent_name = (*labels)["agent_name"].AsString(),
                                              .task_slug = (*labels)["task_slug"].AsString(),
                                              .run = call.run(),
                                              .stream = call.stream()}));
  }
};

}  // namespace tutti::recorder

TUTTI_PLUGIN(tutti::recorder::RecorderPlugin, "tutti.hooks.recorder", "0.1.0")
