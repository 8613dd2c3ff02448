// The whole plugin over a store in memory and clocks that the test sets.
#include <gtest/gtest.h>

#include <atomic>

#include "budget_plugin.h"
#include "ledger_store.h"
#include "tests/support/manifest_defaults.h"
#include "tutti/sdk/testing/fake_host.hpp"
#include "tutti/sdk/testing/loaded_plugin.hpp"

namespace tutti::budget {
namespace {

using tutti::testing::CallContext;
using tutti::testing::FakeHost;
using tutti::testing::FakeRequest;
using tutti::testing::LoadedPlugin;

constexpr std::int64_t kNoon = 1'795'262'400'000'000;  // 2026-11-21T12:00:00 UTC
constexpr std::int64_t kDay = 86'400'000'000;

std::atomic<std::int64_t> unix_micros{kNoon};
std::atomic<std::int64_t> steady_ms{0};

class ClockedBudget : public BudgetPlugin {
 public:
  explicit ClockedBudget(Host host)
      : BudgetPlugin(host, {[] { return unix_micros.load(); }, [] { return steady_ms.load(); }}) {}
};

class BudgetPluginTest : public ::testing::Test {
 protected:
  BudgetPluginTest() {
    unix_micros = kNoon;
    steady_ms = 0;
    host_.OnStore([this](const FakeRequest& request) { return store_.Execute(request.body); });
    host_.OnCommands([](const FakeRequest&) { return Result<std::string>(R"({"interrupted":1})"); });
  }

  LoadedPlugin Load(const std::string& limits, const std::map<std::string, std::string>& changes = {}) {
    std::map<std::string, std::string> config = changes;
    config["limits"] = limits;
    LoadedPlugin plugin = tutti::testing::Load<ClockedBudget>(host_);
    const Status started = plugin.Start(tutti::testing::ManifestDefaults(BUDGET_MANIFEST, config));
    EXPECT_TRUE(started.ok()) << started.ToString();
    return plugin;
  }

  static CallContext Run(const std::string& run, const std::string& agent = "o") {
    CallContext context;
    context.run = run;
    context.agent = agent;
    context.stream = "o";
    context.labels = JsonObject()("agent_name", agent)("role", agent == "o" ? "orchestrator" : "agent").Take();
    return context;
  }

  static std::string Before(const std::string& call, int tokens = 0) {
    return JsonObject()("call", call)("model", "m")("input_tokens_estimate", tokens)("max_tokens", 0)
        .Raw("prices", R"({"input":1000,"output":1000})")
        .Take();
  }

  // The gate's answer: "" goes on, else "deny" or "ask".
  static std::string Ask(LoadedPlugin& plugin, const std::string& call, const CallContext& context, int tokens = 0) {
    return Kind(plugin.OnPoint("model.before", Before(call, tokens), TUTTI_HOOK_GATE, context));
  }

  static std::string Kind(const Result<std::string>& reply) {
    EXPECT_TRUE(reply.ok()) << reply.status().ToString();
    if (!reply.ok() || reply->empty() || *reply == "{}") {
      return reply.ok() ? "" : "failed";
    }
    const Result<Json> json = Json::Parse(*reply);
    return (*json)["deny"] ? "deny" : (*json)["ask"] ? "ask" : "other";
  }

  // Record, commit, observe: as the pipeline does.
  void Step(LoadedPlugin& plugin, const std::string& point, const std::string& payload, const CallContext& context) {
    const Result<std::string> reply = plugin.OnPoint(point, payload, TUTTI_HOOK_RECORD, context);
    ASSERT_TRUE(reply.ok()) << reply.status().ToString();
    if (!reply->empty() && *reply != "{}") {
      const Result<Json> json = Json::Parse(*reply);
      const Result<std::string> stored = store_.Execute(JsonObject().Raw("ops", (*json)["ops"].Dump()).Take());
      ASSERT_TRUE(stored.ok()) << stored.status().ToString();
    }
    Observe(plugin, point, payload, context);
  }

  static void Observe(LoadedPlugin& plugin, const std::string& point, const std::string& payload,
                      const CallContext& context) {
    tutti_event event{};
    event.size = sizeof event;
    event.type = Str(point);
    event.run = Str(context.run);
    event.data = Str(payload);
    EXPECT_TRUE(plugin.OnEvents({event}));
  }

  static std::string After(const std::string& call, double cost_usd) {
    return JsonObject()("call", call)("model", "m")("cost_usd", cost_usd)
        .Raw("usage", R"({"input_tokens":10,"output_tokens":5})")
        .Take();
  }

  // A whole model call that goes through.
  void Call(LoadedPlugin& plugin, const std::string& call, const CallContext& context, double cost_usd) {
    EXPECT_EQ(Ask(plugin, call, context), "");
    Step(plugin, "model.after", After(call, cost_usd), context);
  }

  // The run ends, as the plugin that runs it says: the call is not the run's own.
  void End(LoadedPlugin& plugin, const CallContext& run) {
    const std::string payload =
        JsonObject()("run", run.run)("agent", run.agent)("stream", run.stream)("from", "running")("to", "done")
            .Raw("labels", run.labels)
            .Take();
    Step(plugin, "RunState", payload, CallContext());
  }

  static std::string Tool(const std::string& id, const std::string& name = "Bash", const std::string& input = "{}") {
    return JsonObject()("tool_name", name)("tool_use_id", id).Raw("tool_input", input).Take();
  }

  static std::string AskTool(LoadedPlugin& plugin, const std::string& payload, const CallContext& context) {
    return Kind(plugin.OnPoint("PreToolUse", payload, TUTTI_HOOK_GATE, context));
  }

  FakeHost host_;
  LedgerStore store_;
};

TEST_F(BudgetPluginTest, ChargesWhatACallTookToEveryScopeOnce) {
  LoadedPlugin plugin = Load("[]");
  CallContext context = Run("r", "b");
  context.principal = "ann";
  context.labels = R"({"agent_name":"scout","tree":"/o/a/b/"})";
  Call(plugin, "c1", context, 0.25);
  for (const auto& [kind, id] :
       {std::pair("run", "r"), std::pair("agent", "b"), std::pair("tree", "a"), std::pair("tree", "b"),
        std::pair("orchestrator", "o"), std::pair("user", "ann"), std::pair("server", "")}) {
    const Amounts spent = store_.Spent(kind, id, "2026-11-21");
    EXPECT_EQ(spent[Resource::kCost], 250'000'000'000) << kind;
    EXPECT_EQ(spent[Resource::kModelCalls], 1) << kind;
    EXPECT_EQ(spent[Resource::kInputTokens], 10) << kind;
  }
  // The batch a second time, as after a commit whose answer was lost.
  const Result<std::string> again = plugin.OnPoint("model.after", After("c1", 0.25), TUTTI_HOOK_RECORD, context);
  const Result<Json> json = Json::Parse(*again);
  EXPECT_EQ(store_.Execute(JsonObject().Raw("ops", (*json)["ops"].Dump()).Take()).status().code(),
            Code::kAlreadyExists);
  EXPECT_EQ(store_.Spent("run", "r")[Resource::kModelCalls], 1);
}

TEST_F(BudgetPluginTest, CallsSideBySideCannotPassALimitTogether) {
  LoadedPlugin plugin = Load(R"([{"id":"x","scope":"orchestrator","cost_usd":1}])");
  // 0.4 USD each by the estimate.
  EXPECT_EQ(Ask(plugin, "c1", Run("r1", "a"), 400), "");
  EXPECT_EQ(Ask(plugin, "c2", Run("r2", "b"), 400), "");
  EXPECT_EQ(Ask(plugin, "c3", Run("r3", "c"), 400), "ask");
  // It is refused, and the first took less than was set aside: now it fits.
  Step(plugin, "model.failed", R"({"call":"c3"})", Run("r3", "c"));
  Step(plugin, "model.after", After("c1", 0.1), Run("r1", "a"));
  EXPECT_EQ(Ask(plugin, "c4", Run("r3", "c"), 400), "");
  EXPECT_EQ(Ask(plugin, "c5", Run("r4", "d"), 400), "ask");
}

TEST_F(BudgetPluginTest, WhatIsOnItsWayIntoTheDatabaseCounts) {
  LoadedPlugin plugin = Load(R"([{"scope":"run","cost_usd":1}])");
  EXPECT_EQ(Ask(plugin, "c1", Run("r")), "");
  // Recorded, not committed.
  ASSERT_TRUE(plugin.OnPoint("model.after", After("c1", 0.9), TUTTI_HOOK_RECORD, Run("r")).ok());
  EXPECT_EQ(Ask(plugin, "c2", Run("r"), 200), "ask");
}

TEST_F(BudgetPluginTest, ACallThatFailedGivesBackWhatWasSetAside) {
  LoadedPlugin plugin = Load(R"([{"scope":"run","cost_usd":1}])");
  EXPECT_EQ(Ask(plugin, "c1", Run("r"), 900), "");
  EXPECT_EQ(Ask(plugin, "c2", Run("r"), 900), "ask");
  Step(plugin, "model.failed", R"({"call":"c2"})", Run("r"));
  Step(plugin, "model.failed", R"({"call":"c1"})", Run("r"));
  EXPECT_EQ(Ask(plugin, "c3", Run("r"), 900), "");
}

TEST_F(BudgetPluginTest, SaysWhatIsAskedAndHowItIsRaised) {
  LoadedPlugin plugin = Load(R"([{"id":"x","scope":"run","cost_usd":1}])");
  Call(plugin, "c1", Run("r"), 0.75);
  const auto reply = plugin.OnPoint("model.before", Before("c2", 500), TUTTI_HOOK_GATE, Run("r"));
  const Result<Json> json = Json::Parse(*reply);
  const JsonView ask = (*json)["ask"];
  EXPECT_EQ(ask["kind"].AsString(), "budget");
  EXPECT_EQ(ask["question"].AsString(),
            "run r may take 1.00 USD: 0.75 USD spent, 0.00 USD set aside for calls in flight, and the next call is "
            "estimated at 0.50 USD (limit x of tutti.hooks.budget). Raise the limit by 1.00 USD, or by what you say?");
  EXPECT_EQ(ask["detail"]["spent"].AsDouble(), 0.75);
  EXPECT_EQ(ask["detail"]["estimate"].AsDouble(), 0.5);
  EXPECT_EQ(ask["on_allow"]["command"].AsString(), "budget.raise");
  const std::vector<std::string> events = store_.Events("budget.breach");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ((*Json::Parse(events[0]))["detail"]["limit"].AsString(), "x");

  // Another call at the same limit: the same question, and no second event.
  const auto other = plugin.OnPoint("model.before", Before("c3", 400), TUTTI_HOOK_GATE, Run("r"));
  EXPECT_EQ((*Json::Parse(*other))["ask"]["key"].AsString(), ask["key"].AsString()) << *other;
  EXPECT_EQ(store_.Events("budget.breach").size(), 1U);

  // Allowed, twice for one answer.
  std::string args = ask["on_allow"]["args"].Dump();
  args.insert(1, R"("approval":"11111111-2222-4333-8444-555555555555",)");
  for (int i = 0; i < 2; ++i) {
    const Result<std::string> raised = plugin.Invoke("budget.raise", args);
    ASSERT_TRUE(raised.ok()) << raised.status().ToString();
    EXPECT_EQ((*Json::Parse(*raised))["raised"].AsDouble(), 1.0);
  }
  EXPECT_EQ(store_.Events("budget.raised").size(), 1U);
  Step(plugin, "model.after", After("c2", 0.5), Run("r"));
  Step(plugin, "model.failed", R"({"call":"c3"})", Run("r"));
  EXPECT_EQ(Ask(plugin, "c4", Run("r"), 700), "");
  EXPECT_EQ(Ask(plugin, "c5", Run("r"), 100), "ask") << "1.25 spent and 0.7 set aside of 2";
}

TEST_F(BudgetPluginTest, ARaiseIsByTheLimitOnceMoreOrByWhatIsMissingOrByWhatIsSaid) {
  LoadedPlugin plugin = Load(R"([{"id":"x","scope":"run","cost_usd":1},{"id":"y","scope":"server","tool_calls":5,
                                 "model_calls":7}])");
  const auto raise = [&](const std::string& args) {
    const Result<std::string> raised = plugin.Invoke("budget.raise", args);
    return raised.ok() ? (*Json::Parse(*raised))["raised"].AsDouble() : -static_cast<double>(raised.status().code());
  };
  EXPECT_EQ(raise(R"({"limit":"x","scope_id":"r"})"), 1.0);
  EXPECT_EQ(raise(R"({"limit":"x","scope_id":"r","at_least":25})"), 25.0);
  EXPECT_EQ(raise(R"({"limit":"x","scope_id":"r","at_least":25,"amount":0.5})"), 0.5);
  EXPECT_EQ(raise(R"({"limit":"y","resource":"tool_calls","amount":3})"), 3.0);
  const double invalid = -static_cast<double>(Code::kInvalidArgument);
  EXPECT_EQ(raise(R"({"limit":"y","amount":3})"), invalid) << "it bounds two resources";
  EXPECT_EQ(raise(R"({"limit":"x","amount":3})"), invalid) << "of which run";
  EXPECT_EQ(raise(R"({"limit":"x","scope_id":"r","amount":-3})"), invalid);
  EXPECT_EQ(raise(R"({"limit":"x","scope_id":"r","resource":"depth"})"), invalid);
  EXPECT_EQ(raise(R"({"limit":"z"})"), -static_cast<double>(Code::kNotFound));
}

TEST_F(BudgetPluginTest, ADayEndsAtMidnightUtc) {
  LoadedPlugin plugin = Load(R"([{"scope":"server","period":"day","model_calls":1}])");
  Call(plugin, "c1", Run("r"), 0);
  EXPECT_EQ(Ask(plugin, "c2", Run("r")), "ask");
  Step(plugin, "model.failed", R"({"call":"c2"})", Run("r"));
  unix_micros = kNoon + kDay / 2;
  Call(plugin, "c3", Run("r"), 0);
  EXPECT_EQ(store_.Spent("server", "", "2026-11-21")[Resource::kModelCalls], 1);
  EXPECT_EQ(store_.Spent("server", "", "2026-11-22")[Resource::kModelCalls], 1);
  EXPECT_EQ(Ask(plugin, "c4", Run("r")), "ask");
}

TEST_F(BudgetPluginTest, WhatWasSpentSurvivesARestart) {
  {
    LoadedPlugin plugin = Load(R"([{"scope":"run","model_calls":1}])");
    Call(plugin, "c1", Run("r"), 0);
  }
  LoadedPlugin plugin = Load(R"([{"scope":"run","model_calls":1}])");
  EXPECT_EQ(Ask(plugin, "c2", Run("r")), "ask");
  EXPECT_EQ(Ask(plugin, "c3", Run("s")), "");
}

TEST_F(BudgetPluginTest, ToolCallsAreCountedWhenTheyBegin) {
  LoadedPlugin plugin = Load(R"([{"scope":"run","tool_calls":2}])");
  for (const char* id : {"t1", "t2"}) {
    EXPECT_EQ(AskTool(plugin, Tool(id), Run("r")), "");
    Step(plugin, "PreToolUse", Tool(id), Run("r"));
  }
  EXPECT_EQ(store_.Spent("run", "r")[Resource::kToolCalls], 2);
  EXPECT_EQ(AskTool(plugin, Tool("t3"), Run("r")), "ask");
  EXPECT_EQ(Ask(plugin, "c1", Run("r")), "deny") << "it was not allowed, and the run ends";
  EXPECT_EQ(AskTool(plugin, Tool("t4"), Run("s")), "") << "another run";
}

TEST_F(BudgetPluginTest, AnAllowedToolCallLetsTheRunGoOn) {
  LoadedPlugin plugin = Load(R"([{"id":"x","scope":"run","tool_calls":1}])");
  EXPECT_EQ(AskTool(plugin, Tool("t1"), Run("r")), "");
  Step(plugin, "PreToolUse", Tool("t1"), Run("r"));
  EXPECT_EQ(AskTool(plugin, Tool("t2"), Run("r")), "ask");
  ASSERT_TRUE(plugin.Invoke("budget.raise", R"({"limit":"x","scope_id":"r"})").ok());
  Step(plugin, "PreToolUse", Tool("t2"), Run("r"));
  EXPECT_EQ(Ask(plugin, "c1", Run("r")), "");
}

TEST_F(BudgetPluginTest, AgentsAreCountedWhenTheyAreThere) {
  LoadedPlugin plugin = Load(R"([{"scope":"orchestrator","agents":1,"on_breach":"deny"}])");
  const std::string first = Tool("t1", "mcp__mgmt__create_agent", R"({"name":"a"})");
  EXPECT_EQ(AskTool(plugin, first, Run("r")), "");
  Step(plugin, "PreToolUse", first, Run("r"));
  // While it is created there is no room for another.
  EXPECT_EQ(AskTool(plugin, Tool("t2", "mcp__mgmt__create_agent"), Run("r")), "deny");
  Step(plugin, "PostToolUse", R"({"tool_name":"mcp__mgmt__create_agent","tool_use_id":"t1","is_error":true})",
       Run("r"));
  EXPECT_EQ(store_.Spent("orchestrator", "o")[Resource::kAgents], 0);
  EXPECT_EQ(AskTool(plugin, Tool("t3", "mcp__mgmt__create_agent"), Run("r")), "");
  Step(plugin, "PreToolUse", Tool("t3", "mcp__mgmt__create_agent"), Run("r"));
  Step(plugin, "PostToolUse", R"({"tool_name":"mcp__mgmt__create_agent","tool_use_id":"t3","is_error":false})",
       Run("r"));
  EXPECT_EQ(store_.Spent("orchestrator", "o")[Resource::kAgents], 1);
  EXPECT_EQ(AskTool(plugin, Tool("t4", "mcp__mgmt__create_agent"), Run("r")), "deny");
}

TEST_F(BudgetPluginTest, DepthIsThatOfTheAgentToBe) {
  LoadedPlugin plugin = Load(R"([{"scope":"orchestrator","depth":2,"on_breach":"deny"}])");
  EXPECT_EQ(AskTool(plugin, Tool("t1", "mcp__mgmt__create_agent"), Run("r")), "");
  EXPECT_EQ(AskTool(plugin, Tool("t2", "mcp__mgmt__create_agent"), Run("r2", "a")), "");
  CallContext deep = Run("r3", "b");
  deep.labels = R"({"agent_name":"b","tree":"/o/a/b/","depth":2})";
  EXPECT_EQ(AskTool(plugin, Tool("t3", "mcp__mgmt__create_agent"), deep), "deny");
  EXPECT_EQ(AskTool(plugin, Tool("t4"), deep), "") << "any other tool";
}

TEST_F(BudgetPluginTest, SoManyAgentsAreAtWorkAtOnce) {
  LoadedPlugin plugin = Load(R"([{"scope":"orchestrator","concurrent_agents":2,"on_breach":"deny"}])");
  const auto command = [&](const std::string& id, const std::string& agent) {
    return AskTool(plugin, Tool(id, "mcp__mgmt__command_agent", JsonObject()("agent_name", agent).Take()), Run("r"));
  };
  EXPECT_EQ(command("t1", "a"), "");
  EXPECT_EQ(Ask(plugin, "c1", Run("ra", "a")), "");
  EXPECT_EQ(command("t2", "b"), "");
  EXPECT_EQ(command("t3", "c"), "deny");
  EXPECT_EQ(command("t4", "a"), "") << "it is at work already";
  End(plugin, Run("ra", "a"));
  EXPECT_EQ(command("t5", "c"), "deny") << "a is about to begin again";
  EXPECT_EQ(Ask(plugin, "c2", Run("rb", "b")), "");
  End(plugin, Run("rb", "b"));
  EXPECT_EQ(command("t6", "c"), "");
}

TEST_F(BudgetPluginTest, TimeAtWorkIsChargedAndLimited) {
  LoadedPlugin plugin = Load(R"([{"scope":"run","wall_time_ms":1000}])");
  EXPECT_EQ(Ask(plugin, "c1", Run("r")), "");
  steady_ms = 700;
  Step(plugin, "model.after", After("c1", 0), Run("r"));
  EXPECT_EQ(store_.Spent("run", "r")[Resource::kWallTime], 700);
  steady_ms = 900;
  EXPECT_EQ(AskTool(plugin, Tool("t1"), Run("r")), "");
  Step(plugin, "PreToolUse", Tool("t1"), Run("r"));
  steady_ms = 1000;
  EXPECT_EQ(Ask(plugin, "c2", Run("r")), "ask");
  // Nobody works while a person is asked.
  steady_ms = 500'000;
  Step(plugin, "model.failed", R"({"call":"c2"})", Run("r"));
  End(plugin, Run("r"));
  EXPECT_EQ(store_.Spent("run", "r")[Resource::kWallTime], 1000);
}

TEST_F(BudgetPluginTest, ARunThatPassesItsTimeBetweenCallsIsStopped) {
  LoadedPlugin plugin = Load(R"([{"id":"x","scope":"run","wall_time_ms":1000}])", {{"watch_ms", "100"}});
  EXPECT_EQ(Ask(plugin, "c1", Run("r")), "");
  steady_ms = 1001;
  host_.WaitUntil([&] { return !host_.Requests("commands").empty(); });
  const std::vector<FakeRequest> requests = host_.Requests("commands");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].name, "runs.interrupt");
  EXPECT_EQ(requests[0].body, R"({"run":"r"})");
  const std::vector<std::string> events = store_.Events("budget.breach");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ((*Json::Parse(events[0]))["action"].AsString(), "interrupted");
}

TEST_F(BudgetPluginTest, WaitingForAnAnswerOfAnyKindDoesNotCount) {
  LoadedPlugin plugin = Load(R"([{"scope":"run","wall_time_ms":1000}])");
  const auto state = [&](const char* from, const char* to) {
    Step(plugin, "RunState",
         JsonObject()("run", "r")("agent", "o")("stream", "o")("from", from)("to", to).Raw("labels", "{}").Take(),
         CallContext());
  };
  state("queued", "running");
  steady_ms = 100;
  state("running", "waiting");
  steady_ms = 90'000;
  state("waiting", "running");
  steady_ms = 90'050;
  state("running", "done");
  EXPECT_EQ(store_.Spent("run", "r")[Resource::kWallTime], 150);
}

TEST_F(BudgetPluginTest, ACallOutsideARunIsRefusedForNobodyWaitsForAnAnswer) {
  LoadedPlugin plugin = Load(R"([{"scope":"server","model_calls":1}])");
  Call(plugin, "c1", CallContext(), 0);
  EXPECT_EQ(Ask(plugin, "c2", CallContext()), "deny");
}

TEST_F(BudgetPluginTest, WhileTheDatabaseIsAwayWhatWasLastSeenCounts) {
  LoadedPlugin plugin = Load(R"([{"scope":"run","model_calls":2}])");
  Call(plugin, "c1", Run("r"), 0);
  EXPECT_EQ(Ask(plugin, "c2", Run("r")), "");
  store_.SetAway(true);
  EXPECT_EQ(Ask(plugin, "c3", Run("r")), "ask") << "one was seen and one is under way";
  EXPECT_EQ(plugin.OnPoint("model.before", Before("c4"), TUTTI_HOOK_GATE, Run("never seen")).status().code(),
            Code::kUnavailable);
}

TEST_F(BudgetPluginTest, UnknownCostsCountAsConfiguredAndWarnOnce) {
  LoadedPlugin plugin = Load(R"([{"scope":"run","cost_usd":1}])", {{"unknown_cost_usd", "0.5"}});
  for (const char* call : {"c1", "c2"}) {
    const std::string before = JsonObject()("call", call)("model", "m").Raw("prices", "null").Take();
    EXPECT_EQ(Kind(plugin.OnPoint("model.before", before, TUTTI_HOOK_GATE, Run("r"))), "");
    Step(plugin, "model.after", JsonObject()("call", call).Raw("cost_usd", "null").Take(), Run("r"));
  }
  EXPECT_EQ(Ask(plugin, "c3", Run("r")), "ask");
  int warnings = 0;
  for (const auto& line : host_.records().logs()) {
    warnings += line.message.find("cost is unknown") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(warnings, 1);
}

TEST_F(BudgetPluginTest, APayloadThatCannotBeReadFailsSoThatTheHostDenies) {
  LoadedPlugin plugin = Load("[]");
  EXPECT_EQ(plugin.OnPoint("model.before", "{").status().code(), Code::kInvalidArgument);
}

TEST_F(BudgetPluginTest, ALimitThatBoundsNothingIsRefusedAtInit) {
  LoadedPlugin plugin = tutti::testing::Load<ClockedBudget>(host_);
  EXPECT_EQ(plugin.Init(tutti::testing::ManifestDefaults(BUDGET_MANIFEST, {{"limits", R"([{"scope":"run"}])"}})).code(),
            Code::kInvalidArgument);
}

TEST_F(BudgetPluginTest, TheShippedLimitsAreAccepted) {
  LoadedPlugin plugin = tutti::testing::Load<ClockedBudget>(host_);
  const Status status = plugin.Init(tutti::testing::ManifestDefaults(BUDGET_MANIFEST, {}));
  EXPECT_TRUE(status.ok()) << status.ToString();
}

}  // namespace
}  // namespace tutti::budget
