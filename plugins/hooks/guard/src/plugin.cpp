#include "tutti/sdk/plugin.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cost_ledger.h"
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
    ledger_ = std::make_unique<CostLedger>(
        CostLedger::Ceilings{.run_usd = config["cost_ceiling_usd"].AsDouble(),
                             .process_usd = config["process_cost_ceiling_usd"].AsDouble(),
                             .unknown_usd = config["unknown_cost_usd"].AsDouble(),
                             .max_runs = static_cast<std::size_t>(config["max_runs"].AsInt())});
    return {};
  }

  HookReply OnPoint(const Point& point, std::string_view payload, const Call& call) {
    if (point.name == "model.before") {
      const std::string refusal = ledger_->Refusal(call.run());
      return refusal.empty() ? HookReply::Allow() : HookReply::Deny(refusal);
    }
    if (point.name != "PreToolUse") {
      return HookReply::Allow();
    }
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

  void OnEvents(std::span<const tutti_event> events) {
    for (const tutti_event& event : events) {
      if (View(event.type) != "model.after") {
        continue;
      }
      const Result<Json> json = Json::Parse(View(event.data));
      std::optional<double> cost;
      if (json && (*json)["cost_usd"].is_number()) {
        cost = (*json)["cost_usd"].AsDouble();
      } else if (!warned_.exchange(true)) {
        host_.Log(TUTTI_LOG_WARNING, "a model call's cost is unknown and counts as unknown_cost_usd");
      }
      ledger_->Add(View(event.run), cost);
    }
  }

 private:
  const Host host_;
  Policy policy_;
  std::unique_ptr<CostLedger> ledger_;
  std::atomic<bool> warned_{false};
};

}  // namespace
}  // namespace tutti::guard

TUTTI_PLUGIN(tutti::guard::Guard, "tutti.hooks.guard", "0.1.0")
