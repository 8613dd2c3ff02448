#include "host/dispatch/hook_pipeline.h"

#include "host/dispatch/plugin_call.h"
#include "tests/host/dispatch/test_core.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

class Collector final : public Subscriber {
 public:
  void OnEvents(const std::vector<EventPtr>& events) override {
    const std::lock_guard lock(mutex_);
    seen_.insert(seen_.end(), events.begin(), events.end());
    changed_.notify_all();
  }

  void OnGap(const std::string&, std::uint64_t, std::uint64_t) override {}

  std::vector<EventPtr> WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<EventPtr> seen_;
};

class HookPipelineTest : public TestCore {
 protected:
  HookPipelineTest() {
    Load(SpecOf("ledger", {"storage"}));
    PluginSpec probe = SpecOf("probe", {"command", "hook"});
    probe.points = {{"command.before", {"gate"}},
                    {"PreToolUse", {"gate", "record"}},
                    {"PostToolUse", {"record"}},
                    {"TextBlock", {"record"}}};
    Load(std::move(probe));
    core_.events.Subscribe(collector_);
  }

  Status Fire(std::vector<HookEntry> entries, const std::string& run = "r1") {
    auto context = std::make_shared<CallContext>();
    context->run = run;
    std::promise<Status> promise;
    auto fire = [](HookPipeline* hooks, std::vector<HookEntry> of, ContextPtr with,
                   std::promise<Status>* to) -> Task<void> {
      const Status status = co_await hooks->Fire(of, with, nullptr, "");
      to->set_value(status);
    };
    Spawn(fire(&core_.hooks, std::move(entries), context, &promise), [](const std::exception_ptr&) {});
    return promise.get_future().get();
  }

  static CallContext Tool() {
    CallContext context;
    context.surface = TUTTI_SURFACE_TOOL;
    context.run = "run-1";
    return context;
  }

  std::shared_ptr<Collector> collector_ = std::make_shared<Collector>();
};

TEST_F(HookPipelineTest, AGateMayDenyPatchAskAndFail) {
  const struct {
    const char* text;
    Code code;
    const char* says;
  } cases[] = {
      {"deny", Code::kPermissionDenied, "the probe says no"},
      {"ask", Code::kPermissionDenied, "may I?"},
      {"fail", Code::kPermissionDenied, "fails closed"},
  };

  for (const auto& c : cases) {
    const Result<std::string> result = Run("probe.echo", JsonObject()("text", c.text).Take());
    EXPECT_EQ(result.status().code(), c.code) << c.text;
    EXPECT_NE(result.status().message().find(c.says), std::string_view::npos) << result.status().message();
  }
  const Result<std::string> patched = Run("probe.echo", R"({"text":"patch"})");
  ASSERT_TRUE(patched.ok());
  EXPECT_EQ(JsonMember(*patched, "text"), "\"patched\"");
}

TEST_F(HookPipelineTest, AGateThatDoesNotAnswerInTimeFailsClosed) {
  Running running = Begin("probe.echo", R"({"text":"slow"})");
  core_.calls.Sweep(NowMillis() + 120000);
  EXPECT_EQ(running.Get().status().code(), Code::kPermissionDenied);
}

TEST_F(HookPipelineTest, AToolCallFiresItsOwnPointsAndIsRecordedBeforeAndAfter) {
  const Result<std::string> result = Run("probe.echo", R"({"text":"deny"})", Tool());
  EXPECT_EQ(result.status().code(), Code::kPermissionDenied);
  ASSERT_TRUE(Run("probe.echo", R"({"text":"patch"})", Tool()).ok());
  const auto events = collector_->WaitFor(2);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]->type, "PreToolUse");
  EXPECT_EQ(events[0]->data, R"({"index":1,"text":"patched"})");
  EXPECT_EQ(events[1]->type, "PostToolUse");
  EXPECT_EQ(events[1]->seq, 2U);
}

TEST_F(HookPipelineTest, OneStepIsOneBatchWithRunningIndexes) {
  ASSERT_TRUE(Fire({{"TextBlock", R"({"text":"a"})"}, {"Unheard", "{}"}, {"TextBlock", R"({"text":"b"})"}}).ok());
  ASSERT_TRUE(Fire({{"TextBlock", R"({"text":"c"})"}}).ok());
  ASSERT_TRUE(Fire({{"TextBlock", R"({"text":"other run"})"}}, "r2").ok());
  const auto events = collector_->WaitFor(4);
  ASSERT_EQ(events.size(), 4U);
  const char* expected[] = {R"({"index":0,"text":"a"})", R"({"index":2,"text":"b"})", R"({"index":3,"text":"c"})",
                            R"({"index":0,"text":"other run"})"};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(events[i]->data, expected[i]);
    EXPECT_EQ(events[i]->seq, i + 1);
  }
}

TEST_F(HookPipelineTest, ARecorderThatFailsIsReportedAndLeftOut) {
  ASSERT_TRUE(Fire({{"TextBlock", R"({"text":"fail record"})"}, {"TextBlock", R"({"text":"b"})"}}).ok());
  EXPECT_EQ(collector_->WaitFor(1).size(), 1U);
  EXPECT_EQ(log_.lines().size(), 1U);
}

}  // namespace
}  // namespace tutti::host
