#include "tutti/sdk/plugin.hpp"

#include <cstdlib>
#include <span>

#include "cost_rows.h"
#include "pricing.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/execute.hpp"

namespace tutti::cost {
namespace {

constexpr const char* kPrices = R"({
  "name": "cost.prices", "effects": "read", "nonblocking": true,
  "summary": "The prices of models that costs are computed from, in USD per million tokens.",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/prices"},
  "input": {"type": "object", "properties": {}},
  "rest": [{"method": "GET", "path": "/v1/costs/prices", "errors": "problem"}]})";

constexpr const char* kReport = R"({
  "name": "cost.report", "effects": "read",
  "summary": "What the runs of a session cost, by agent and model, with cached tokens apart and calls of unknown price counted.",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/costs SESSION"},
  "input": {"type": "object", "required": ["session"],
    "properties": {"session": {"type": "string", "description": "The orchestrator's id."}}},
  "rest": [{"method": "GET", "path": "/v1/costs/{session}", "errors": "problem"}]})";

class CostPlugin {
 public:
  explicit CostPlugin(Host host) : host_(host) {
    commands_.AddDirect(kPrices, [this](const Call&, JsonView) { return Result<std::string>(pricing_.ToJson()); });
    commands_.Add(kReport, [this](const Call& call, JsonView args) { return ReportOf(call, args); });
  }

  Status Init(const Config& config) { return pricing_.Configure(config["table"], config["prices"]); }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

  HookReply OnPoint(const Point& point, std::string_view payload, const Call&) {
    const Result<Json> call = Json::Parse(payload);
    if (!call.ok()) {
      return HookReply::Fail(call.status());
    }
    if (point.name == "model.before") {
      return HookReply::Patch(JsonObject().Raw("prices", pricing_.Expected(call->view()).value_or("null")).Take());
    }
    const std::optional<std::string> cost = pricing_.Cost(call->view());
    return HookReply::Patch(JsonObject().Raw("cost_usd", cost.value_or("null")).Take());
  }

  // Sees what the gates made of it.
  void OnEvents(std::span<const tutti_event> events) {
    for (const tutti_event& event : events) {
      const Result<Json> call = Json::Parse(View(event.data));
      if (call.ok()) {
        Count(call->view());
      }
    }
  }

 private:
  void Count(JsonView call) const {
    const std::string_view model = call["model"].AsString();
    const std::string labels = JsonObject()("model", model).Take();
    if (call["cost_usd"].is_number()) {
      host_.Count("model_cost_usd_total", call["cost_usd"].AsDouble(), labels);
    } else {
      host_.Count("model_unpriced_calls_total", 1, labels);
    }
    const Usage usage = Usage::Read(call["usage"]);
    const std::pair<const char*, std::int64_t> tokens[] = {
        {"input", usage.input},
        {"output", usage.output},
        {"cache_read", usage.cache_read},
        {"cache_write", usage.cache_write_5m + usage.cache_write_1h}};
    for (const auto& [kind, count] : tokens) {
      host_.Count("model_tokens_total", static_cast<double>(count), JsonObject()("model", model)("kind", kind).Take());
    }
  }

  Task<Result<std::string>> ReportOf(const Call& call, JsonView args) {
    const std::string session(args["session"].AsString());
    Batch batch;
    batch.Add(SumRuns(session));
    const Result<StoreReply> found = co_await Execute(host_, call.id(), batch.Take());
    if (!found.ok()) {
      co_return found.status();
    }
    co_return Report(session, found->Rows(0));
  }

  const Host host_;
  CommandSet commands_;
  Pricing pricing_;
};

}  // namespace
}  // namespace tutti::cost

using tutti::cost::CostPlugin;
TUTTI_PLUGIN(CostPlugin, "tutti.hooks.cost", "0.1.0")
