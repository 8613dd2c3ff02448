#include "host/dispatch/dispatcher.h"

#include "host/dispatch/plugin_call.h"
#include "tests/host/dispatch/test_core.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

class DispatcherTest : public TestCore {
 protected:
  DispatcherTest() { Load(SpecOf("probe", {"command"})); }
};

TEST_F(DispatcherTest, ACommandThatAnswersAtOnceIsDoneBeforeRunReturns) {
  CallContext context;
  context.principal = "ada";
  context.surface = TUTTI_SURFACE_REST;
  Running running = Begin("probe.echo", R"({"text":"hi"})", context);
#ifndef TUTTI_TEST_WORKER  // from another process the answer comes later
  EXPECT_EQ(running.node, nullptr);
#endif
  EXPECT_EQ(*running.Get(), R"({"text":"hi","principal":"ada","depth":1,"surface":1,"run":""})");
  EXPECT_EQ(core_.calls.running(), 0U);
}

TEST_F(DispatcherTest, ArgumentsAreCheckedBeforeThePluginSeesThem) {
  const struct {
    const char* args;
    const char* detail;
  } cases[] = {
      {"", R"({"errors":[{"type":"missing","loc":["text"],"msg":"Field required","input":{}}]})"},
      {R"({"text":7})",
       R"({"errors":[{"type":"string_type","loc":["text"],"msg":"Input should be a valid string","input":7}]})"},
      {R"({"text":"a","count":-1})",
       R"({"errors":[{"type":"greater_than_equal","loc":["count"],"msg":"Input should be greater than or equal to 0","input":-1}]})"},
  };

  for (const auto& c : cases) {
    const Result<std::string> result = Run("probe.echo", c.args);
    EXPECT_EQ(result.status().code(), Code::kInvalidArgument) << c.args;
    EXPECT_EQ(result.status().details(), c.detail) << c.args;
  }
  EXPECT_EQ(Run("probe.echo", "{").status().code(), Code::kInvalidArgument);
}

TEST_F(DispatcherTest, ScopesAndConfirmationAreAskedFor) {
  CallContext context;
  context.scopes = {"chat"};
  EXPECT_EQ(Run("probe.admin", "", context).status().code(), Code::kPermissionDenied);
  context.scopes = {"chat", "admin"};
  EXPECT_TRUE(Run("probe.admin", "", context).ok());
  EXPECT_EQ(Run("probe.approved", "").status().code(), Code::kPermissionDenied);
}

TEST_F(DispatcherTest, WhatAPluginThrowsEndsTheCallAndNothingElse) {
  const Result<std::string> result = Run("probe.throw", "");
  EXPECT_EQ(result.status().code(), Code::kInternal);
  EXPECT_NE(result.status().message().find("unwell"), std::string_view::npos);
  EXPECT_TRUE(Run("probe.echo", R"({"text":"still here"})").ok());
}

TEST_F(DispatcherTest, CancellingTheCommandStopsItWhereverItIs) {
  for (const char* name : {"probe.wait", "probe.block"}) {
    Running running = Begin(name, "");
    ASSERT_NE(running.node, nullptr) << name;
    core_.calls.Cancel(running.node);
    EXPECT_EQ(running.Get().status().code(), Code::kCancelled) << name;
  }
}

TEST_F(DispatcherTest, ACommandThatBeginsWhileTheHostStopsBeginsCancelled) {
  core_.calls.CancelAll();
  EXPECT_EQ(Run("probe.wait", "").status().code(), Code::kCancelled);
}

TEST_F(DispatcherTest, CancellingReachesWhatAPluginStarted) {
  Running running = Begin("probe.nest", R"({"command":"probe.wait","args":{}})");
  ASSERT_NE(running.node, nullptr);
  core_.calls.Cancel(running.node);
  EXPECT_EQ(running.Get().status().code(), Code::kCancelled);
}

TEST_F(DispatcherTest, NestedCallsKeepTheCallerAndAreBoundedInDepth) {
  CallContext context;
  context.principal = "ada";
  const Result<std::string> result = Run("probe.nest", R"({"command":"probe.echo","args":{"text":"deep"}})", context);
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(*result, R"({"inner":{"text":"deep","principal":"ada","depth":3,"surface":0,"run":""}})");

  std::string args = R"({"command":"probe.echo","args":{"text":"x"}})";
  for (int i = 0; i < 20; ++i) {
    args = R"({"command":"probe.nest","args":)" + args + "}";
  }
  EXPECT_EQ(Run("probe.nest", args).status().code(), Code::kFailedPrecondition);
}

TEST_F(DispatcherTest, EventsOfACallReachItsCaller) {
  std::vector<std::string> seen;
  std::promise<Result<std::string>> done;
  Running running =
      Begin("probe.events", R"({"count":5})", {}, [&](const std::string& event) { seen.push_back(event); });
  EXPECT_EQ(*running.Get(), R"({"accepted":5})");
  EXPECT_EQ(seen, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST_F(DispatcherTest, ASwitchedOffPluginAnswersUnavailable) {
  ASSERT_TRUE(plugins_.front()->Deactivate(kDeadline));
  EXPECT_EQ(Run("probe.echo", R"({"text":"x"})").status().code(), Code::kUnavailable);
}

TEST_F(TestCore, APluginServesNoMoreCallsThanItsLimit) {
  PluginSpec spec = SpecOf("probe", {"command"});
  spec.max_running = 1;
  Load(spec);
  Running running = Begin("probe.wait", "");
  const Result<std::string> refused = Run("probe.echo", R"({"text":"x"})");
  EXPECT_EQ(refused.status().code(), Code::kResourceExhausted);
  EXPECT_GT(refused.status().retry_after().count(), 0);
  core_.calls.Cancel(running.node);
  EXPECT_EQ(running.Get().status().code(), Code::kCancelled);
  EXPECT_TRUE(Run("probe.echo", R"({"text":"x"})").ok());
}

TEST_F(DispatcherTest, ACallPastItsDeadlineEndsAsSuch) {
  Running running = Begin("probe.wait", "");
  core_.calls.Sweep(NowMillis() + 24L * 3600 * 1000);
  EXPECT_EQ(running.Get().status().code(), Code::kDeadlineExceeded);
}

class OneWorker : public TestCore {
 protected:
  static CoreSettings One() {
    CoreSettings settings = Settings();
    settings.executor.workers = 1;
    return settings;
  }

  OneWorker() : TestCore(One()) { Load(SpecOf("probe", {"command"})); }
};

TEST_F(OneWorker, WaitingForAnotherCallHoldsNoThread) {
  std::vector<Running> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(Begin("probe.nest", R"({"command":"probe.wait","args":{}})"));
  }
  EXPECT_TRUE(
      Run("probe.nest", R"({"command":"probe.nest","args":{"command":"probe.echo","args":{"text":"x"}}})").ok());
  for (Running& running : waiting) {
    core_.calls.Cancel(running.node);
    EXPECT_EQ(running.Get().status().code(), Code::kCancelled);
  }
}

}  // namespace
}  // namespace tutti::host
