#include "budget_plugin.h"

#include "budget_view.h"

namespace tutti::budget {
namespace {

constexpr const char* kGet = R"({
  "name": "budget.get", "effects": "read",
  "summary": "Limits, what was spent and is set aside by scope and day, and what people raised.",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/budget [SCOPE] [SCOPE_ID]"},
  "input": {"type": "object", "properties": {
    "scope": {"enum": ["run", "agent", "tree", "orchestrator", "user", "server"]},
    "scope_id": {"type": "string", "maxLength": 200, "description": "With scope: all days of it, and its total."},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "description": "How many rows."}}},
  "rest": [{"method": "GET", "path": "/v1/budgets", "errors": "problem"}]})";

constexpr const char* kRaise = R"({
  "name": "budget.raise", "effects": "write", "scopes": ["budgets.raise"],
  "summary": "Raises a limit for one scope, by the limit once more when no amount is given.",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/budget-raise LIMIT [SCOPE_ID] [AMOUNT] [RESOURCE]"},
  "input": {"type": "object", "required": ["limit"], "additionalProperties": false, "properties": {
    "limit": {"type": "string", "maxLength": 60, "description": "Its id."},
    "scope_id": {"type": "string", "maxLength": 200, "description": "Of the run, agent, orchestrator or user; none of the server."},
    "resource": {"type": "string", "maxLength": 40, "description": "Such as cost_usd; needed when the limit bounds several."},
    "amount": {"type": "number", "description": "In the unit of the resource."},
    "at_least": {"type": "number", "description": "Without an amount: what is raised at least."},
    "day": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "Of a limit per day; default today, UTC."},
    "stream": {"type": "string", "maxLength": 200, "description": "Journal stream that is told."},
    "approval": {"type": "string", "maxLength": 200, "description": "Id of the answer; a second raise of one id changes nothing."}}},
  "rest": [{"method": "POST", "path": "/v1/budgets/{limit}/raise", "errors": "problem"}]})";

constexpr std::chrono::hours kCleaning{1};

std::set<std::string, std::less<>> Names(JsonView list) {
  std::set<std::string, std::less<>> names;
  list.ForEach([&](JsonView name) { names.emplace(name.AsString()); });
  return names;
}

std::int64_t UnixMicros() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::microseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t SteadyMs() {
  using std::chrono::steady_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Times SystemTimes() {
  return {&UnixMicros, &SteadyMs};
}

BudgetPlugin::BudgetPlugin(Host host, Times times) : host_(host), times_(std::move(times)), background_(host) {
  commands_.Add(kGet, [this](Call call, JsonView args) { return ViewBudgets(host_, *gatekeeper_, args, call); });
  commands_.Add(kRaise, [this](Call call, JsonView args) { return gatekeeper_->Raise(args, std::move(call)); });
}

Status BudgetPlugin::Init(const Config& config) {
  GateSettings settings;
  settings.estimate.output_tokens = config["output_tokens_estimate"].AsInt(4096);
  settings.estimate.unknown_cost = FromNumber(Resource::kCost, config["unknown_cost_usd"]).value_or(0);
  settings.creating_tools = Names(config["creating_tools"]);
  settings.starting_tools = Names(config["starting_tools"]);
  settings.question_expiry_ms = config["question_expiry_ms"].AsInt(86'400'000);
  settings.run_retention_days = config["run_retention_days"].AsInt(90);
  settings.max_runs = static_cast<std::size_t>(config["max_runs"].AsInt(10'000));
  watch_ = std::chrono::milliseconds(config["watch_ms"].AsInt(1000));
  gatekeeper_ = std::make_unique<Gatekeeper>(host_, std::move(settings), times_);
  return gatekeeper_->limits().Configure(config["limits"]);
}

Status BudgetPlugin::Activate() {
  background_.Every(kCleaning, [this] { return gatekeeper_->Clean(); });
  if (gatekeeper_->WatchesTime()) {
    background_.Every(watch_, [this] { return gatekeeper_->Watch(); });
  }
  return {};
}

void BudgetPlugin::Deactivate() {
  background_.Stop();
}

std::string BudgetPlugin::Commands() const {
  return commands_.Describe();
}

void BudgetPlugin::Invoke(std::string_view name, std::string_view args, Call call) {
  commands_.Invoke(name, args, std::move(call));
}

Task<HookReply> BudgetPlugin::OnPoint(const Point& point, std::string_view payload, Call call) {
  const Result<Json> json = Json::Parse(payload);
  if (!json.ok()) {
    co_return HookReply::Fail(json.status());
  }
  const JsonView view = json->view();
  if (point.name == "model.before") {
    co_return co_await gatekeeper_->BeforeModel(view, call);
  }
  if (point.name == "PreToolUse" && !point.is_record) {
    co_return co_await gatekeeper_->BeforeTool(view, call);
  }
  co_return point.name == "model.after" ? gatekeeper_->RecordModel(view, call)
  : point.name == "model.failed"        ? gatekeeper_->RecordFailure(view)
  : point.name == "PreToolUse"          ? gatekeeper_->RecordTool(view, call)
  : point.name == "PostToolUse"         ? gatekeeper_->RecordToolEnd(view, call)
                                        : gatekeeper_->RecordState(view, call);
}

void BudgetPlugin::OnEvents(std::span<const tutti_event> events) {
  for (const tutti_event& event : events) {
    const Result<Json> payload = Json::Parse(View(event.data));
    if (payload.ok()) {
      gatekeeper_->Committed(View(event.type), View(event.run), payload->view());
    }
  }
}

}  // namespace tutti::budget
