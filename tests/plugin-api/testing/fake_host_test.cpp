#include "tutti/sdk/testing/fake_host.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tutti::testing {
namespace {

using std::chrono::milliseconds;

// Does one thing per command name, so that each promise of the host has a way to be asked for.
class Probe {
 public:
  explicit Probe(const Host& host) : host_(host) {}

  Status Init(const Config& config) {
    host_.Log(TUTTI_LOG_INFORMATION, "initialised", JsonObject()("mode", config["mode"].AsString()).Take());
    return config["mode"].AsString() == "bad" ? Status::InvalidArgument("mode is bad") : Status();
  }

  Status Activate() {
    host_.Gauge("active", 1);
    return {};
  }

  void Deactivate() { host_.Gauge("active", 0); }

  std::string Commands() { return R"([{"name":"probe.echo"}])"; }

  void Invoke(std::string_view name, std::string_view args, const Call& call) {
    if (name == "probe.echo") {
      call.Finish(std::string(args));
    } else if (name == "probe.twice") {
      call.Finish(std::string("1"));
      call.Finish(std::string("2"));
    } else if (name == "probe.drop") {
      return;
    } else if (name == "probe.hold") {
      const std::lock_guard lock(mutex_);
      held_ = call;
      call.OnCancel([this] { Release(); });
    } else if (name == "probe.store") {
      Begin(host_.Execute(call.id(), std::string(args)),
            [call](const Result<std::string>& result) { call.Finish(result); });
    } else if (name == "probe.model") {
      auto events = std::make_shared<std::string>();
      Begin(host_.Complete(call.id(), "{}").Events([events](std::string_view event) { *events += event; }),
            [call, events](const Result<std::string>& result) {
              call.Finish(result.ok() ? Result<std::string>(*events + *result) : result);
            });
    } else if (name == "probe.emit") {
      int refused = 0;
      for (int i = 0; i < 3; ++i) {
        refused += call.Emit("{}") ? 0 : 1;
      }
      call.Finish(std::to_string(refused));
    } else if (name == "probe.emit_wait") {
      const bool first = call.EmitWait("1", milliseconds(0));
      const bool second = call.EmitWait("2", milliseconds(10000));
      call.Finish(std::string(first && second ? "true" : "false"));
    } else if (name == "probe.publish") {
      host_.Publish("stream", "typing", args);
      host_.Count("published_total");
      call.Finish(std::string("null"));
    } else if (name == "probe.secret") {
      call.Finish(host_.Secret(args));
    } else {
      call.Finish(Status::NotFound("no command " + std::string(name)));
    }
  }

  HookReply OnPoint(const Point& point, std::string_view payload, const Call& call) {
    return HookReply::Patch(
        JsonObject()("point", point.name)("record", point.is_record)("run", call.run()).Raw("payload", payload).Take());
  }

  void OnEvents(std::span<const tutti_event> events) {
    host_.Count("observed_total", static_cast<double>(events.size()));
  }

  std::string Models() { return R"({"default":"m"})"; }

  Task<Result<std::string>> Complete(std::string_view request, const Call&) {
    co_await host_.Delay(std::chrono::hours(1));
    co_return std::string(request);
  }

  Task<Result<std::string>> Start(std::string_view request, const Call& call) {
    co_return co_await host_.Fire(call.id(), std::string(request));
  }

 private:
  void Release() {
    std::optional<Call> call;
    {
      const std::lock_guard lock(mutex_);
      call.swap(held_);
    }
    if (call) {
      call->Finish(Status::Cancelled("let go"));
    }
  }

  Host host_;
  std::mutex mutex_;
  std::optional<Call> held_;
};

Code CodeOf(const Result<std::string>& result) {
  return result.status().code();
}

class FakeHostTest : public ::testing::TestWithParam<unsigned> {
 protected:
  FakeHostTest() { EXPECT_TRUE(plugin_.Start(R"({"mode":"mask","key":"secret://key"})").ok()); }

  FakeHost host_{FakeHostOptions{.workers = GetParam(), .event_capacity = 1}};
  LoadedPlugin plugin_ = Load<Probe>(host_);
};

INSTANTIATE_TEST_SUITE_P(Workers, FakeHostTest, ::testing::Values(0U, 1U, 4U));

TEST_P(FakeHostTest, LifeCycleReachesThePlugin) {
  EXPECT_EQ(host_.records().Metric("active"), 1);
  plugin_.Deactivate();
  EXPECT_EQ(host_.records().Metric("active"), 0);
  EXPECT_TRUE(plugin_.Activate().ok());
  EXPECT_EQ(host_.records().Metric("active"), 1);
  ASSERT_EQ(host_.records().logs().size(), 1U);
  EXPECT_EQ(host_.records().logs()[0].fields, R"({"mode":"mask"})");
}

TEST_P(FakeHostTest, InvokeAnswersWhatThePluginFinishedWith) {
  EXPECT_EQ(*plugin_.Invoke("probe.echo", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(CodeOf(plugin_.Invoke("probe.none", "{}")), Code::kNotFound);
  EXPECT_EQ(plugin_.Commands(), R"([{"name":"probe.echo"}])");
}

TEST_P(FakeHostTest, FirstFinishWinsAndTheSecondIsCounted) {
  RunningCall call = plugin_.BeginInvoke("probe.twice", "{}");
  EXPECT_EQ(*call.Wait(), "1");
  EXPECT_TRUE(host_.WaitUntil([&] { return call.finish_attempts() == 2; }));
}

TEST_P(FakeHostTest, CallLetGoWithoutAnswerEndsWithInternal) {
  EXPECT_EQ(CodeOf(plugin_.Invoke("probe.drop", "{}")), Code::kInternal);
}

TEST_P(FakeHostTest, CancelReachesTheNotice) {
  RunningCall call = plugin_.BeginInvoke("probe.hold", "{}");
  EXPECT_EQ(CodeOf(call.Wait(milliseconds(5))), Code::kDeadlineExceeded);
  call.Cancel();
  EXPECT_EQ(CodeOf(call.Wait()), Code::kCancelled);
}

TEST_P(FakeHostTest, CancelBeforeTheNoticeIsSetStillReachesIt) {
  RunningCall call = plugin_.BeginInvoke("probe.hold", "{}");
  call.Cancel();
  EXPECT_EQ(CodeOf(call.Wait()), Code::kCancelled);
}

TEST_P(FakeHostTest, AbandonedCallAnswersNotFoundAfterwards) {
  RunningCall call = plugin_.BeginInvoke("probe.hold", "{}");
  call.Abandon();
  EXPECT_EQ(CodeOf(call.Wait()), Code::kDeadlineExceeded);
  EXPECT_EQ(host_.calls().Emit(call.id(), "{}"), TUTTI_NOT_FOUND);
  EXPECT_TRUE(host_.calls().IsCancelled(call.id()));
}

TEST_P(FakeHostTest, EmitIsRefusedWhenTheReceiverIsFull) {
  RunningCall call = plugin_.BeginInvoke("probe.emit", "{}");
  EXPECT_EQ(*call.Wait(), "2");
  EXPECT_EQ(call.refused_emits(), 2U);
  EXPECT_EQ(call.TakeEvents().size(), 1U);
}

TEST(FakeHost, EmitWaitGoesOnWhenThereIsRoom) {
  FakeHost host(FakeHostOptions{.workers = 1, .event_capacity = 1});
  LoadedPlugin plugin = Load<Probe>(host);
  ASSERT_TRUE(plugin.Start().ok());
  RunningCall call = plugin.BeginInvoke("probe.emit_wait", "{}");
  std::vector<std::string> events;
  EXPECT_TRUE(host.WaitUntil([&] {
    for (std::string& event : call.TakeEvents()) {
      events.push_back(std::move(event));
    }
    return events.size() == 2;
  }));
  EXPECT_EQ(*call.Wait(), "true");
}

TEST_P(FakeHostTest, StoreAnswersWhatIsProgrammedAndKeepsTheBatch) {
  host_.OnStore([](const FakeRequest&) { return Result<std::string>(R"({"results":[]})"); });
  EXPECT_EQ(*plugin_.Invoke("probe.store", R"({"ops":[]})"), R"({"results":[]})");
  ASSERT_EQ(host_.Requests("store").size(), 1U);
  EXPECT_EQ(host_.Requests("store")[0].body, R"({"ops":[]})");
}

TEST_P(FakeHostTest, ServiceWithoutResponderAnswersUnimplemented) {
  EXPECT_EQ(CodeOf(plugin_.Invoke("probe.store", "{}")), Code::kUnimplemented);
}

TEST_P(FakeHostTest, ModelEventsArriveInOrderBeforeTheResult) {
  host_.Respond("models", [](const FakeRequest&, const FakeReply& reply) {
    reply.Emit("1");
    reply.Emit("2");
    reply.Emit("3");
    EXPECT_TRUE(reply.Finish(std::string("end")));
    EXPECT_FALSE(reply.Finish(std::string("late")));
    reply.Emit("late");
  });
  EXPECT_EQ(*plugin_.Invoke("probe.model", "{}"), "123end");
}

TEST_P(FakeHostTest, CancellingACallCancelsWhatItStarted) {
  host_.Respond("models", [](const FakeRequest&, const FakeReply&) {});
  RunningCall call = plugin_.BeginInvoke("probe.model", "{}");
  ASSERT_TRUE(host_.WaitUntil([&] { return host_.Requests("models").size() == 1; }));
  call.Cancel();
  EXPECT_EQ(CodeOf(call.Wait()), Code::kCancelled);
}

TEST_P(FakeHostTest, WhatACancelledCallStartsIsCancelledToo) {
  host_.Respond("models", [](const FakeRequest&, const FakeReply&) {});
  RunningCall call = plugin_.BeginInvoke("probe.model", "{}");
  call.Cancel();
  EXPECT_EQ(CodeOf(call.Wait()), Code::kCancelled);
}

TEST_P(FakeHostTest, ResponderWithItsOwnCancelDecidesTheEnd) {
  host_.Respond("models", [](const FakeRequest&, const FakeReply& reply) {
    reply.OnCancel([reply] { reply.Finish(std::string("so far")); });
  });
  RunningCall call = plugin_.BeginInvoke("probe.model", "{}");
  ASSERT_TRUE(host_.WaitUntil([&] { return host_.Requests("models").size() == 1 && host_.executor().IsIdle(); }));
  call.Cancel();
  EXPECT_EQ(*call.Wait(), "so far");
}

TEST_P(FakeHostTest, HooksPassPayloadsUnlessProgrammed) {
  EXPECT_EQ(*plugin_.Run(R"([{"point":"Stop","payload":{"a":1}}])"), R"({"payloads":[{"a":1}]})");
  host_.OnHooks([](const FakeRequest&) { return Status::PermissionDenied("no"); });
  EXPECT_EQ(CodeOf(plugin_.Run("[]")), Code::kPermissionDenied);
}

TEST_P(FakeHostTest, PointCarriesModeAndContext) {
  CallContext context;
  context.run = "r1";
  EXPECT_EQ(*plugin_.OnPoint("PreToolUse", "{}", TUTTI_HOOK_RECORD, context),
            R"({"patch":{"point":"PreToolUse","record":true,"run":"r1","payload":{}}})");
}

TEST_P(FakeHostTest, ObserversGetTheirBatch) {
  EXPECT_TRUE(plugin_.OnEvents(std::vector<tutti_event>(3)));
  EXPECT_EQ(host_.records().Metric("observed_total"), 3);
}

TEST_P(FakeHostTest, PublishedEventsAndCountersAreKept) {
  EXPECT_TRUE(plugin_.Invoke("probe.publish", "{}").ok());
  ASSERT_EQ(host_.records().events().size(), 1U);
  EXPECT_EQ(host_.records().events()[0].type, "typing");
  EXPECT_EQ(host_.records().Metric("published_total"), 1);
}

TEST_P(FakeHostTest, SecretsNeedToBeNamedInTheConfiguration) {
  host_.SetSecret("secret://key", "k");
  host_.SetSecret("secret://other", "o");
  EXPECT_EQ(*plugin_.Invoke("probe.secret", "secret://key"), "k");
  EXPECT_EQ(CodeOf(plugin_.Invoke("probe.secret", "secret://other")), Code::kPermissionDenied);
}

TEST_P(FakeHostTest, ConfigServiceFollowsAPointer) {
  const auto* config =
      static_cast<const tutti_host_config*>(host_.raw()->get_service(host_.raw(), TUTTI_SERVICE_CONFIG));
  std::string value;
  const tutti_sink sink{sizeof sink, &value,
                        [](void* user, tutti_str text) { static_cast<std::string*>(user)->append(View(text)); }};
  EXPECT_EQ(config->get(host_.raw(), Str("/mode"), &sink), TUTTI_OK);
  EXPECT_EQ(value, R"("mask")");
  EXPECT_EQ(config->get(host_.raw(), Str("/none"), &sink), TUTTI_NOT_FOUND);
  EXPECT_EQ(config->get(host_.raw(), Str("no pointer"), &sink), TUTTI_NOT_FOUND);
}

TEST(FakeHost, VirtualTimePassesOnlyWhenAdvanced) {
  FakeHost host(FakeHostOptions{.workers = 0});
  LoadedPlugin plugin = Load<Probe>(host);
  ASSERT_TRUE(plugin.Start().ok());
  RunningCall call = plugin.BeginComplete("{}");
  host.executor().Pump();
  host.executor().Advance(std::chrono::minutes(59));
  EXPECT_FALSE(call.is_over());
  host.executor().Advance(std::chrono::minutes(1));
  EXPECT_EQ(*call.Wait(milliseconds(0)), "{}");
}

TEST_P(FakeHostTest, PluginGoesAwayWithCallsAndTimersOpen) {
  std::optional<LoadedPlugin> other(Load<Probe>(host_));
  ASSERT_TRUE(other->Start().ok());
  RunningCall waiting = other->BeginComplete("{}");
  RunningCall held = other->BeginInvoke("probe.hold", "{}");
  other.reset();
  EXPECT_TRUE(waiting.is_over());
  EXPECT_TRUE(held.is_over());
}

TEST(FakeHost, FailedInitKeepsItsSentence) {
  FakeHost host;
  LoadedPlugin plugin = Load<Probe>(host);
  const Status status = plugin.Start(R"({"mode":"bad"})");
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.message(), "mode is bad");
}

TEST(FakeHost, KindThatIsNotServedAnswersUnimplemented) {
  FakeHost host;
  LoadedPlugin plugin = Load<Probe>(host);
  ASSERT_TRUE(plugin.Start().ok());
  EXPECT_EQ(CodeOf(plugin.Execute("{}")), Code::kUnimplemented);
  EXPECT_EQ(plugin.Stats(), "");
}

TEST(FakeHost, UnknownServiceIsNull) {
  FakeHost host;
  EXPECT_EQ(host.raw()->get_service(host.raw(), "tutti.host.none/0"), nullptr);
}

}  // namespace
}  // namespace tutti::testing
