// The plugin as a whole, in a host in memory: storage and runtime are programmed.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

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

  void SetUp() override { StartPlugin(); }

  void StartPlugin(const char* config = R"({"max_waiting":1,"max_messages":100})") {
    plugin_.emplace(host_, tutti_plugin_entry.create);
    ASSERT_TRUE(plugin_->Start(config).ok());
  }

  static bool IsQueryFor(JsonView op, std::string_view table, const char* member) {
    return op["from"].AsString() == table && static_cast<bool>(op[member]);
  }

  // Rows by what is asked for.
  std::string RowsFor(JsonView op) {
    if (op["label"].AsString() == "summary") {
      return R"([{"number":0}])";
    }
    if (IsQueryFor(op, "runs.messages", "reverse")) {
      return history_;
    }
    if (IsQueryFor(op, "runs.messages", "group")) {
      return counts_;
    }
    if (op["from"].AsString() == "runs.messages") {
      return last_;
    }
    if (op["where"]["or"].is_array()) {
      // What is taken up is not found again.
      return std::exchange(unfinished_, "[]");
    }
    if (op["op"].AsString() == "get") {
      return row_;
    }
    return op["where"]["conversation"].is_string() ? context_ : "[]";
  }

  Result<std::string> AnswerStore(const std::string& batch) {
    if (storage_is_away_) {
      return Status::Unavailable("the database is away");
    }
    const Result<Json> json = Json::Parse(batch);
    JsonWriter results;
    results.BeginArray();
    const std::lock_guard lock(mutex_);
    (*json)["ops"].ForEach([&](JsonView op) {
      const std::string_view verb = op["op"].AsString();
      if (verb != "query" && verb != "get") {
        results.Raw(R"({"affected":1,"rows":[]})");
        return;
      }
      results.Raw(R"({"count":1,"rows":)" + RowsFor(op) + "}");
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

  // Operations of the plugin, in batches of its own and in those of the points it fired.
  std::vector<Json> Ops() {
    std::vector<Json> all;
    for (const FakeRequest& request : host_.Requests()) {
      const std::string text = request.service == "hooks"
                                   ? R"({"ops":)" + (request.ops.empty() ? "[]" : request.ops) + "}"
                               : request.service == "store" ? request.body
                                                            : "{}";
      Result<Json> json = Json::Parse(text);
      (*json)["ops"].ForEach([&](JsonView op) { all.push_back(std::move(*Json::Parse(op.Dump()))); });
    }
    return all;
  }

  // Status that the newest operation on the run set.
  std::string RowStatus(const std::string& run) {
    std::string status;
    for (const Json& op : Ops()) {
      if (op["where"]["id"].AsString() == run && op["set"]["status"].is_string()) {
        status = op["set"]["status"].AsString();
      } else if (op["row"]["id"].AsString() == run) {
        status = op["row"]["status"].AsString();
      }
    }
    return status;
  }

  // The payloads of RunState so far, "from>to".
  std::vector<std::string> Changes(const std::string& run) {
    std::vector<std::string> changes;
    for (const FakeRequest& request : host_.Requests("hooks")) {
      const Result<Json> entries = Json::Parse(request.body);
      const JsonView payload = entries->view()[0]["payload"];
      if (payload["run"].AsString() == run) {
        changes.push_back(std::string(payload["from"].AsString()) + ">" + std::string(payload["to"].AsString()));
      }
    }
    return changes;
  }

  JsonView LastRunState(Json& holder) {
    const std::vector<FakeRequest> fired = host_.Requests("hooks");
    holder = std::move(*Json::Parse(fired.back().body));
    return holder.view()[0]["payload"];
  }

  FakeHost host_;
  std::atomic<bool> storage_is_away_{false};
  std::string history_ = "[]";
  std::string last_ = "[]";
  std::string context_ = "[]";
  std::string counts_ = "[]";
  std::string row_ = "[]";
  std::string unfinished_ = "[]";
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
  RunningCall before = Begin("00000000-0000-4000-8000-00000000000d");
  Runtime(0).Finish(std::string(kDone));
  ASSERT_TRUE(before.Wait().ok());
  storage_is_away_ = true;
  EXPECT_EQ(Begin(kRunA).Wait().status().code(), Code::kUnavailable);
  EXPECT_EQ(Started(), 1U);
  storage_is_away_ = false;
  RunningCall next = Begin(kRunB);
  Runtime(1).Finish(std::string(kDone));
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
  EXPECT_EQ((*ops)["ops"][0]["where"]["id"].AsString(), kRunA);
  const JsonView row = (*ops)["ops"][1]["row"];
  EXPECT_EQ(row["conversation"].AsString(), "c");
  EXPECT_EQ(row["run"].AsString(), kRunA);
  // A run that has a row and is not held here takes no step; one without a row is another plugin's.
  context.run = kRunB;
  const Result<Json> stranger = Json::Parse(
      *plugin_->OnPoint("Message", R"({"role":"user","content":[],"number":0})", TUTTI_HOOK_RECORD, context));
  EXPECT_EQ((*stranger)["ops"][0]["expect"]["affected"].AsInt(-1), 0);
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

TEST_F(RunsPluginTest, EveryStateIsAStepOfItsOwn) {
  RunningCall first = Begin(kRunA);
  (void)Runtime(0);
  RunningCall second = Begin(kRunB);
  ASSERT_TRUE(host_.WaitUntil([&] { return RowStatus(kRunB) == "queued"; }));
  Runtime(0).Finish(std::string(kDone));
  ASSERT_TRUE(first.Wait().ok());
  Runtime(1).Finish(Status::Unavailable("no model").WithDetails(R"({"num_turns":1})"));
  ASSERT_FALSE(second.Wait().ok());
  EXPECT_EQ(Changes(kRunA), (std::vector<std::string>{"queued>running", "running>done"}));
  EXPECT_EQ(Changes(kRunB), (std::vector<std::string>{"queued>running", "running>failed"}));
  Json holder = std::move(*Json::Parse("{}"));
  const JsonView payload = LastRunState(holder);
  EXPECT_EQ(payload["error"].AsString(), "no model");
  EXPECT_EQ(payload["totals"]["num_turns"].AsInt(), 1);
  EXPECT_EQ(payload["conversation"].AsString(), "c");
}

TEST_F(RunsPluginTest, RunWaitsWhileAnythingIsOpen) {
  RunningCall run = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  const auto call = [&](const char* command, const char* id) {
    return plugin_->Invoke(command, JsonObject()("run", kRunA)("id", id)("reason", "somebody's word").Take());
  };
  ASSERT_TRUE(call("runs.wait", "a").ok());
  EXPECT_EQ(RowStatus(kRunA), "waiting");
  ASSERT_TRUE(call("runs.wait", "b").ok());
  ASSERT_TRUE(call("runs.wait", "b").ok());
  ASSERT_TRUE(call("runs.go_on", "a").ok());
  EXPECT_EQ(RowStatus(kRunA), "waiting");
  ASSERT_TRUE(call("runs.go_on", "b").ok());
  EXPECT_EQ(RowStatus(kRunA), "running");
  EXPECT_EQ(Changes(kRunA), (std::vector<std::string>{"queued>running", "running>waiting", "waiting>running"}));
  runtime.Finish(std::string(kDone));
  EXPECT_TRUE(run.Wait().ok());
  EXPECT_EQ(call("runs.wait", "a").status().code(), Code::kNotFound);
}

TEST_F(RunsPluginTest, AcceptedRunHasItsRowAlready) {
  std::string args = StartArgs(kRunA);
  args.insert(1, R"("accepted":true,)");
  RunningCall run = plugin_->BeginInvoke("runs.start", args);
  Runtime(0).Finish(std::string(kDone));
  ASSERT_TRUE(run.Wait().ok());
  for (const Json& op : Ops()) {
    EXPECT_NE(op["row"]["id"].AsString(), kRunA);
  }
  EXPECT_EQ(RowStatus(kRunA), "done");
}

TEST_F(RunsPluginTest, PromptOfAReplacedRunIsKept) {
  plugin_.reset();
  StartPlugin(R"({"max_waiting":2})");
  RunningCall first = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  std::string args = StartArgs(kRunB);
  args.insert(1, R"("keep_prompt":true,)");
  RunningCall second = plugin_->BeginInvoke("runs.start", args);
  ASSERT_TRUE(host_.WaitUntil([&] { return RowStatus(kRunB) == "queued"; }));
  RunningCall third = Begin("00000000-0000-4000-8000-00000000000c", "replace");
  EXPECT_EQ(second.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(first.Wait().status().code(), Code::kCancelled);
  bool is_kept = false;
  for (const Json& op : Ops()) {
    is_kept = is_kept || (op["row"]["run"].AsString() == kRunB && op["row"]["role"].AsString() == "user");
  }
  EXPECT_TRUE(is_kept);
  EXPECT_EQ(RowStatus(kRunB), "interrupted");
  Runtime(1).Finish(std::string(kDone));
  EXPECT_TRUE(third.Wait().ok());
}

TEST_F(RunsPluginTest, StoppingHostLetsRunsGo) {
  RunningCall run = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  host_.SetPhase(TUTTI_PHASE_STOPPING);
  run.Cancel();
  EXPECT_EQ(run.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(RowStatus(kRunA), "running");
}

TEST_F(RunsPluginTest, RuntimeCancelledByNobodyLeavesTheRunAsItIs) {
  RunningCall run = Begin(kRunA);
  const FakeReply runtime = Runtime(0);
  runtime.Finish(Status::Cancelled("the plugin is being replaced"));
  EXPECT_EQ(run.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(RowStatus(kRunA), "running");
}

TEST_F(RunsPluginTest, WhatAFormerProcessLeftIsTakenUp) {
  plugin_.reset();
  const std::string asked =
      R"({"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{}}]})";
  history_ = R"([{"role":"user","content":[]},)" + asked + "]";
  last_ = R"([{"number":1,"run":")" + std::string(kRunA) + R"(",)" + asked.substr(1) + "]";
  counts_ = R"([{"is_summary":false,"messages":2}])";
  row_ = R"([{"id":")" + std::string(kRunA) +
         R"(","owner":"fake-host","status":"running","fence":4,"resumes":0,"num_turns":1,"conversation":"c",)"
         R"("agent":"scout","stream":"s","prompt":"hello","key":"scout","next_index":300,"created_at":"2020-01-01",)"
         R"("stop_reason":"tool_use","request":{"max_turns":5,"tools":["Bash"],"system":""}}])";
  unfinished_ = row_;
  StartPlugin();
  const FakeReply runtime = Runtime(0);
  const Result<Json> request = Json::Parse(requests_.at(0));
  EXPECT_EQ((*request)["run"].AsString(), kRunA);
  EXPECT_EQ((*request)["next_number"].AsInt(), 2);
  EXPECT_EQ((*request)["next_index"].AsInt(), 300);
  EXPECT_EQ((*request)["resume"]["num_turns"].AsInt(), 1);
  EXPECT_EQ((*request)["messages"].size(), 2U);
  runtime.Finish(std::string(kDone));
  ASSERT_TRUE(host_.WaitUntil([&] { return RowStatus(kRunA) == "done"; }));
  EXPECT_EQ(Changes(kRunA), (std::vector<std::string>{"running>running", "running>done"}));
  bool is_claimed = false;
  for (const Json& op : Ops()) {
    is_claimed = is_claimed || (op["add"]["fence"].AsInt() == 1 && op["where"]["fence"].AsInt() == 4);
    if (op["set"]["status"].AsString() == "done") {
      EXPECT_EQ(op["where"]["fence"].AsInt(), 5);
    }
  }
  EXPECT_TRUE(is_claimed);
}

TEST_F(RunsPluginTest, ToolCallAloneIsStopped) {
  std::string stopped;
  host_.Respond("tools", [&](const FakeRequest& request, const FakeReply& reply) {
    stopped = request.body + " " + request.tool_use_id;
    reply.Finish(std::string("{}"));
  });
  const std::string args = JsonObject()("run", kRunA)("tool_use_id", "t1").Take();
  EXPECT_EQ(*plugin_->Invoke("runs.interrupt", args), R"({"interrupted":1})");
  EXPECT_EQ(stopped, std::string(kRunA) + " t1");
}

TEST_F(RunsPluginTest, HolderIsTheHost) {
  EXPECT_EQ(*plugin_->Invoke("runs.self", "{}"), R"({"owner":"fake-host","lease_ms":15000})");
}

}  // namespace
}  // namespace tutti::runs
