// The plugin as a whole, in a host in memory: storage and runtime are programmed.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::runs {
namespace {

using testing::CallContext;
using testing::FakeHost;
using testing::FakeReply;
using testing::FakeRequest;
using testing::LoadedPlugin;
using testing::RunningCall;

constexpr const char* kRunA = "00000000-0000-4000-8000-00000000000a";
constexpr const char* kRunB = "00000000-0000-4000-8000-00000000000b";
constexpr const char* kDone = R"({"stop_reason":"end_turn","num_turns":1,"usage":{"input_tokens":3},"text":"hi"})";

std::string StartArgs(const std::string& run, const std::string& busy = "queue") {
  JsonObject args;
  args("run", run)("conversation", "c")("agent", "scout")("stream", "s")("prompt", "hello")("max_turns", 5);
  return args("busy", busy).Raw("tools", R"(["Read"])").Take();
}

class RunsPluginTest : public ::testing::Test {
 protected:
  RunsPluginTest() {
    host_.OnStore([this](const FakeRequest& batch) { return AnswerStore(batch.body); });
    host_.Respond("runtimes", [this](const FakeRequest& request, const FakeReply& reply) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request.body);
      runtimes_.push_back(reply);
    });
  }

  void SetUp() override {
    plugin_.emplace(host_, tutti_plugin_entry.create);
    ASSERT_TRUE(plugin_->Start(R"({"max_waiting":1,"max_messages":100})").ok());
  }

  Result<std::string> AnswerStore(const std::string& batch) {
    if (storage_is_away_) {
      return Status::Unavailable("the database is away");
    }
    const Result<Json> json = Json::Parse(batch);
    JsonWriter results;
    results.BeginArray();
    int queries = 0;
    (*json)["ops"].ForEach([&](JsonView op) {
      if (op["op"].AsString() != "query") {
        results.Raw(R"({"affected":1})");
        return;
      }
      const std::string rows[] = {R"([{"number":0}])", history_, last_, context_};
      results.Raw(R"({"count":1,"rows":)" + rows[queries++] + "}");
    });
    return R"({"results":)" + results.EndArray().Take() + "}";
  }

  RunningCall Begin(const std::string& run, const std::string& busy = "queue") {
    return plugin_->BeginInvoke("runs.start", StartArgs(run, busy));
  }

  // The runtime's end of run number `index`, once it has been started.
  FakeReply Runtime(std::size_t index) {
    EXPECT_TRUE(host_.WaitUntil([&] { return Started() > index; })) << "run " << index << " was not started";
    const std::lock_guard lock(mutex_);
    return runtimes_.at(index);
  }

  std::size_t Started() {
    const std::lock_guard lock(mutex_);
    return runtimes_.size();
  }

  // Status that the newest update of the run set.
  std::string RowStatus(const std::string& run) {
    std::string status;
    for (const FakeRequest& request : host_.Requests("store")) {
      const Result<Json> json = Json::Parse(request.body);
      (*json)["ops"].ForEach([&](JsonView op) {
        if (op["where"]["id"].AsString() == run) {
          status = op["set"]["status"].AsString();
        } else if (op["row"]["id"].AsString() == run) {
          status = op["row"]["status"].AsString();
        }
      });
    }
    return status;
  }

  FakeHost host_;
  std::atomic<bool> storage_is_away_{false};
  std::string history_ = "[]";
  std::string last_ = "[]";
  std::string context_ = "[]";
  std::mutex mutex_;
  std::vector<std::string> requests_;  // guarded by mutex_
  std::vector<FakeReply> runtimes_;    // guarded by mutex_
  std::optional<LoadedPlugin> plugin_;
};

TEST_F(RunsPluginTest, RunPassesEventsAndResultAndItsRowIsClosed) {
  RunningCall call = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  EXPECT_EQ(RowStatus(kRunA), "running");
  runtime.Emit(R"({"type":"usage"})");
  runtime.Finish(std::string(kDone));
  const Result<std::string> result = call.Wait();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(*result, kDone);
  EXPECT_EQ(call.TakeEvents(), (std::vector<std::string>{R"({"type":"usage"})"}));
  EXPECT_EQ(RowStatus(kRunA), "done");
}

TEST_F(RunsPluginTest, RuntimeGetsTheConversation) {
  history_ = R"([{"role":"user","content":[]},{"role":"assistant","content":[]}])";
  last_ = R"([{"number":7,"role":"assistant","content":[{"type":"text","text":"x"}]}])";
  RunningCall call = Begin(kRunA);
  Runtime(0).Finish(std::string(kDone));
  ASSERT_TRUE(call.Wait().ok());
  const Result<Json> request = Json::Parse(requests_.at(0));
  EXPECT_EQ((*request)["next_number"].AsInt(), 8);
  EXPECT_EQ((*request)["messages"].size(), 2U);
  EXPECT_EQ((*request)["tools"].Dump(), R"(["Read"])");
}

TEST_F(RunsPluginTest, CallsThatACrashLeftUnansweredAreAnsweredFirst) {
  const std::string asked =
      R"({"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{}}]})";
  history_ = "[" + asked + "]";
  last_ = R"([{"number":1,)" + asked.substr(1) + "]";
  RunningCall call = Begin(kRunA);
  Runtime(0).Finish(std::string(kDone));
  ASSERT_TRUE(call.Wait().ok());
  const Result<Json> request = Json::Parse(requests_.at(0));
  ASSERT_EQ((*request)["messages"].size(), 2U);
  EXPECT_EQ((*request)["messages"][1]["content"][0]["tool_use_id"].AsString(), "t1");
  EXPECT_EQ((*request)["next_number"].AsInt(), 3);
}

TEST_F(RunsPluginTest, SecondRunOfAnAgentWaitsForTheFirst) {
  RunningCall first = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  RunningCall second = Begin(kRunB);
  ASSERT_TRUE(host_.WaitUntil([&] { return RowStatus(kRunB) == "queued"; }));
  EXPECT_EQ(Started(), 1U);
  RunningCall third = Begin("00000000-0000-4000-8000-00000000000c");
  EXPECT_EQ(third.Wait().status().code(), Code::kResourceExhausted);
  runtime.Finish(std::string(kDone));
  EXPECT_TRUE(first.Wait().ok());
  Runtime(1).Finish(std::string(kDone));
  EXPECT_TRUE(second.Wait().ok());
}

TEST_F(RunsPluginTest, InterruptAnswersWhenTheRunHasStopped) {
  RunningCall run = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  std::atomic<bool> asked{false};
  runtime.OnCancel([&] { asked = true; });
  RunningCall interrupt = plugin_->BeginInvoke("runs.interrupt", R"({"agent":"scout"})");
  ASSERT_TRUE(host_.WaitUntil([&] { return asked.load(); }));
  EXPECT_FALSE(interrupt.is_over());
  runtime.Finish(Status::Cancelled("stopped").WithDetails(kDone));
  EXPECT_EQ(*interrupt.Wait(), R"({"interrupted":1})");
  EXPECT_EQ(run.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(RowStatus(kRunA), "interrupted");
}

TEST_F(RunsPluginTest, ReplaceStopsTheRunningOneAndGoesOn) {
  RunningCall first = Begin(kRunA);
  (void)Runtime(0);
  RunningCall second = Begin(kRunB, "replace");
  EXPECT_EQ(first.Wait().status().code(), Code::kCancelled);
  Runtime(1).Finish(std::string(kDone));
  EXPECT_TRUE(second.Wait().ok());
}

TEST_F(RunsPluginTest, CancelledCallStopsItsRun) {
  RunningCall run = Begin(kRunA);
  (void)Runtime(0);
  run.Cancel();
  EXPECT_EQ(run.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(RowStatus(kRunA), "interrupted");
}

TEST_F(RunsPluginTest, StorageAwayFailsTheRunAndFreesTheAgent) {
  storage_is_away_ = true;
  EXPECT_EQ(Begin(kRunA).Wait().status().code(), Code::kUnavailable);
  EXPECT_EQ(Started(), 0U);
  storage_is_away_ = false;
  RunningCall next = Begin(kRunB);
  Runtime(0).Finish(std::string(kDone));
  EXPECT_TRUE(next.Wait().ok());
}

TEST_F(RunsPluginTest, FailureOfTheRuntimeIsTheRuns) {
  RunningCall run = Begin(kRunA);
  Runtime(0).Finish(Status::PermissionDenied("not on Sundays"));
  EXPECT_EQ(run.Wait().status().message(), "not on Sundays");
  EXPECT_EQ(RowStatus(kRunA), "failed");
}

TEST_F(RunsPluginTest, MessageOfARunIsRecordedInItsConversation) {
  RunningCall run = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  CallContext context;
  context.run = kRunA;
  const Result<std::string> reply =
      plugin_->OnPoint("Message", R"({"role":"user","content":[{"type":"text","text":"hello"}],"number":0})",
                       TUTTI_HOOK_RECORD, context);
  ASSERT_TRUE(reply.ok());
  const Result<Json> ops = Json::Parse(*reply);
  const JsonView row = (*ops)["ops"][0]["row"];
  EXPECT_EQ(row["conversation"].AsString(), "c");
  EXPECT_EQ(row["run"].AsString(), kRunA);
  context.run = kRunB;
  EXPECT_EQ(*plugin_->OnPoint("Message", R"({"role":"user","content":[],"number":0})", TUTTI_HOOK_RECORD, context), "");
  runtime.Finish(std::string(kDone));
  EXPECT_TRUE(run.Wait().ok());
}

TEST_F(RunsPluginTest, RunIsFoundByItsIdOnly) {
  EXPECT_EQ(plugin_->Invoke("runs.get", R"({"run":"nonsense"})").status().code(), Code::kInvalidArgument);
  const std::string args = JsonObject()("run", kRunA).Take();
  host_.OnStore([](const FakeRequest&) { return Result<std::string>(R"({"results":[{"count":0,"rows":[]}]})"); });
  EXPECT_EQ(plugin_->Invoke("runs.get", args).status().code(), Code::kNotFound);
  host_.OnStore(
      [](const FakeRequest&) { return Result<std::string>(R"({"results":[{"count":1,"rows":[{"id":1}]}]})"); });
  EXPECT_EQ(*plugin_->Invoke("runs.get", args), R"({"id":1})");
}

TEST_F(RunsPluginTest, ActivationMarksWhatWasLeftUnfinished) {
  const FakeRequest first = host_.Requests("store").at(0);
  const Result<Json> json = Json::Parse(first.body);
  EXPECT_EQ((*json)["ops"][0]["set"]["status"].AsString(), "interrupted");
  EXPECT_EQ((*json)["ops"][0]["where"]["status"]["in"].size(), 3U);
}

}  // namespace
}  // namespace tutti::runs
