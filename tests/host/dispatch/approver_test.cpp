#include "host/dispatch/approver.h"

#include "tests/host/dispatch/test_core.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

constexpr const char* kAsks = R"({"text":"ask"})";
constexpr const char* kAllow = R"({"answer":"allow","by":"ann"})";
constexpr const char* kDeny = R"({"answer":"deny","reason":"not today","by":"ann"})";

class ApproverTest : public TestCore {
 protected:
  ApproverTest() {
    Load(SpecOf("ledger", {"storage"}));
    PluginSpec probe = SpecOf("probe", {"command", "hook"});
    probe.points = {{"command.before", {"gate"}}, {"PreToolUse", {"gate", "record"}}};
    Load(std::move(probe));
  }

  void LoadApprover() { Load(SpecOf("approver", {"command"})); }

  void Answer(const char* json) { EXPECT_TRUE(Run("approver.answer", json).ok()); }

  // Once `count` questions were asked.
  Json Asked(int count) {
    const Result<std::string> seen = Run("approver.asked", JsonObject()("count", count).Take());
    EXPECT_TRUE(seen.ok()) << seen.status().ToString();
    return std::move(*Json::Parse(seen.ok() ? *seen : "{}"));
  }

  static CallContext Tool() {
    CallContext context;
    context.surface = TUTTI_SURFACE_TOOL;
    context.run = "run-1";
    context.agent = "agent-1";
    context.stream = "s";
    context.tree = "/o/agent-1/";
    context.labels = R"({"agent_name":"scout"})";
    return context;
  }

  static CallContext Client(std::uint32_t surface = TUTTI_SURFACE_REST) {
    CallContext context;
    context.surface = surface;
    context.principal = "ben";
    context.scopes = {"chat", "admin"};
    return context;
  }
};

TEST_F(ApproverTest, WithoutAnApproverTheAnswerIsNo) {
  const Result<std::string> result = Run("probe.echo", kAsks, Tool());
  EXPECT_EQ(result.status().code(), Code::kPermissionDenied);
  EXPECT_EQ(result.status().message(),
            "this needs a person's approval, and no approver is configured (tutti.hooks.approvals): may I?");
  EXPECT_EQ(Run("probe.approved", "", Client()).status().code(), Code::kPermissionDenied);
}

TEST_F(ApproverTest, AToolCallWaitsForItsAnswerWithoutAHooksTimeLimitAndOthersGoOn) {
  LoadApprover();
  Running first = Begin("probe.echo", kAsks, Tool());
  const Json seen = Asked(1);
  const JsonView asked = seen["asked"][0];
  EXPECT_EQ(asked["hook"].AsString(), "test.probe");
  EXPECT_EQ(asked["point"].AsString(), "PreToolUse");
  EXPECT_EQ(asked["ask"].AsString(), "may I?");
  EXPECT_EQ(asked["payload"]["tool_input"]["text"].AsString(), "ask");
  EXPECT_EQ(asked["tool_use_id"].AsString(), "toolu_1");
  EXPECT_EQ(asked["run"].AsString(), "run-1");
  EXPECT_EQ(asked["agent"].AsString(), "agent-1");
  EXPECT_EQ(asked["tree"].AsString(), "/o/agent-1/");
  EXPECT_EQ(asked["surface"].AsString(), "tool");
  EXPECT_FALSE(asked["command"]);

  // Far beyond the time a hook has.
  core_.calls.Sweep(NowMillis() + 86400000);
  EXPECT_TRUE(Run("probe.echo", R"({"text":"sibling"})", Tool()).ok());
  Answer(kAllow);
  EXPECT_TRUE(first.Get().ok());
}

TEST_F(ApproverTest, ADenialIsTheReasonTheCallerIsTold) {
  LoadApprover();
  Answer(kDeny);
  const Result<std::string> result = Run("probe.echo", kAsks, Tool());
  EXPECT_EQ(result.status().code(), Code::kPermissionDenied);
  EXPECT_EQ(result.status().message(), "not today");
}

TEST_F(ApproverTest, AnAnswerThatIsNoneDenies) {
  LoadApprover();
  for (const char* answer : {"{}", R"({"answer":"maybe"})", R"({"answer":"pending","approval":{"id":"x"}})"}) {
    Answer(answer);
    EXPECT_EQ(Run("probe.echo", kAsks, Tool()).status().code(), Code::kPermissionDenied) << answer;
  }
}

TEST_F(ApproverTest, ACancelledCallWithdrawsItsQuestion) {
  LoadApprover();
  Running running = Begin("probe.echo", kAsks, Tool());
  (void)Asked(1);
  core_.calls.Cancel(running.node);
  EXPECT_EQ(running.Get().status().code(), Code::kCancelled);
  EXPECT_EQ(log_.lines().size(), 1U);
  const Json seen = Asked(1);
  ASSERT_EQ(seen["withdrawn"].size(), 1U);
  EXPECT_EQ(seen["withdrawn"][0]["tool_use_id"].AsString(), "toolu_1");
}

TEST_F(ApproverTest, WhatIsAskedWhenTheHostStopsIsNotWithdrawn) {
  LoadApprover();
  Running running = Begin("probe.echo", kAsks, Tool());
  (void)Asked(1);
  core_.calls.CancelAll();
  EXPECT_EQ(running.Get().status().code(), Code::kCancelled);
  EXPECT_TRUE(log_.lines().empty());
}

TEST_F(ApproverTest, AClientsCommandIsKeptAndTheClientToldUnderWhichId) {
  LoadApprover();
  for (const std::uint32_t surface : {TUTTI_SURFACE_REST, TUTTI_SURFACE_WEBSOCKET, TUTTI_SURFACE_SLASH}) {
    Answer(R"({"answer":"pending","approval":{"id":"a1","expires_at":"later"}})");
    const Result<std::string> result = Run("probe.approved", R"({"x":1})", Client(surface));
    EXPECT_EQ(result.status().code(), Code::kFailedPrecondition);
    EXPECT_EQ(PendingApproval(result.status()), R"({"id":"a1","expires_at":"later"})");
  }
  const Json seen = Asked(3);
  const JsonView asked = seen["asked"][0];
  EXPECT_EQ(asked["hook"].AsString(), kHostAsks);
  EXPECT_EQ(asked["point"].AsString(), "command.before");
  EXPECT_EQ(asked["command"].Dump(), R"({"name":"probe.approved","args":{"x":1}})");
  EXPECT_EQ(asked["principal"].AsString(), "ben");
  EXPECT_EQ(asked["scopes"].Dump(), R"(["chat","admin"])");
}

TEST_F(ApproverTest, APluginsCommandWaits) {
  LoadApprover();
  Answer(kAllow);
  EXPECT_TRUE(Run("probe.nest", R"({"command":"probe.approved","args":{}})", Client()).ok());
  EXPECT_FALSE(Asked(1)["asked"][0]["command"]);
}

TEST_F(ApproverTest, AKeptCommandRunsAsItsClient) {
  LoadApprover();
  const Result<std::string> echoed = Run("approver.run", R"({"name":"probe.echo","args":{"text":"hi"}})");
  ASSERT_TRUE(echoed.ok()) << echoed.status().ToString();
  EXPECT_EQ(JsonMember(*echoed, "principal"), "\"ann\"");
  EXPECT_EQ(JsonMember(*echoed, "surface"), "1");
  EXPECT_TRUE(Run("approver.run", R"({"name":"probe.admin","args":{}})").ok());
  // Where it is asked again, its approval is named.
  Answer(kAllow);
  EXPECT_TRUE(Run("approver.run", R"({"name":"probe.approved","args":{}})").ok());
  EXPECT_EQ(Asked(1)["asked"][0]["approval"].AsString(), "a1");
}

TEST_F(ApproverTest, NobodyIsAskedOnBehalfOfAnApproval) {
  LoadApprover();
  CallContext context = Tool();
  context.may_ask = false;
  EXPECT_EQ(Run("probe.echo", kAsks, context).status().code(), Code::kPermissionDenied);
  EXPECT_EQ(Asked(0)["asked"].size(), 0U);
}

}  // namespace
}  // namespace tutti::host
