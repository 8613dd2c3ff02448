#include "tutti/sdk/call.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti {
namespace {

using testing::FakeHost;
using testing::PluginCall;

class CallTest : public ::testing::Test {
 protected:
  Call MakeCall() {
    const auto* calls =
        static_cast<const tutti_host_calls*>(host_.raw()->get_service(host_.raw(), TUTTI_SERVICE_CALLS));
    tutti_call_info info{};
    info.size = sizeof info;
    info.call = raw_->id;
    info.depth = 3;
    info.run = Str("run-1");
    info.labels = Str(R"({"a":"b"})");
    return Call(host_.raw(), calls, info);
  }

  Status Ending() {
    return host_.calls().Read(*raw_, [](const PluginCall& call) {
      return call.result ? call.result->status() : Status::NotFound("not finished");
    });
  }

  FakeHost host_{testing::FakeHostOptions{.workers = 0}};
  std::shared_ptr<PluginCall> raw_ = host_.calls().Open(1);
};

TEST_F(CallTest, LastCopyLetGoUnfinishedEndsWithInternal) {
  {
    std::optional<Call> first = MakeCall();
    const Call second = *first;
    first.reset();
    EXPECT_EQ(Ending().code(), Code::kNotFound);
  }
  EXPECT_EQ(Ending().code(), Code::kInternal);
}

TEST_F(CallTest, FinishedCallIsNotFinishedAgainWhenLetGo) {
  MakeCall().Finish(Status::NotFound("no").WithDetails("{}").WithRetryAfter(std::chrono::milliseconds(5)));
  EXPECT_EQ(Ending().ToString(), "NOT_FOUND: no");
  EXPECT_EQ(Ending().details(), "{}");
  EXPECT_EQ(Ending().retry_after(), std::chrono::milliseconds(5));
  EXPECT_EQ(raw_->finish_attempts, 1U);
}

TEST_F(CallTest, EmitTellsWhetherThereWasRoom) {
  const Call call = MakeCall();
  EXPECT_TRUE(call.Emit("1"));
  EXPECT_FALSE(call.Emit("2"));
  EXPECT_FALSE(call.EmitWait("3", std::chrono::milliseconds(1)));
  EXPECT_EQ(host_.calls().TakeEvents(*raw_).size(), 1U);
  EXPECT_TRUE(call.EmitWait("4", std::chrono::milliseconds(1)));
  call.Finish(std::string());
  EXPECT_FALSE(call.Emit("5"));
}

TEST_F(CallTest, CancelRunsTheNoticeOnce) {
  const Call call = MakeCall();
  int notices = 0;
  call.OnCancel([&] { ++notices; });
  EXPECT_FALSE(call.cancelled());
  host_.Cancel(*raw_);
  host_.Cancel(*raw_);
  host_.executor().Pump();
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(notices, 1);
  call.Finish(Status::Cancelled("done"));
}

TEST_F(CallTest, ForgottenNoticeDoesNotRun) {
  const Call call = MakeCall();
  call.OnCancel([] { FAIL(); });
  call.Forget();
  host_.Cancel(*raw_);
  host_.executor().Pump();
  call.Finish(Status::Cancelled("done"));
}

TEST_F(CallTest, ContextIsCopied) {
  const Call call = MakeCall();
  EXPECT_EQ(call.depth(), 3U);
  EXPECT_EQ(call.run(), "run-1");
  EXPECT_EQ(call.labels(), R"({"a":"b"})");
  EXPECT_EQ(call.agent(), "");
  call.Finish(std::string());
}

TEST(Outcome, CodesOutsideTheTableBecomeUnknown) {
  for (const tutti_code code : {-3, 17, int{TUTTI_WOULD_BLOCK}}) {
    tutti_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.code = code;
    EXPECT_EQ(FromOutcome(outcome).status().code(), Code::kUnknown) << code;
  }
}

TEST(Write, SinkWithoutFunctionIsLeftAlone) {
  const tutti_sink empty{sizeof(tutti_sink), nullptr, nullptr};
  Write(&empty, "text");
  Write(nullptr, "text");
  // A sink of an older host whose struct ends before `write`.
  bool was_called = false;
  const tutti_sink old{offsetof(tutti_sink, write), &was_called,
                       [](void* user, tutti_str) { *static_cast<bool*>(user) = true; }};
  Write(&old, "text");
  EXPECT_FALSE(was_called);
}

}  // namespace
}  // namespace tutti
