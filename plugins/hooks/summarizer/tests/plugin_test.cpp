// The plugin as a whole, in a host in memory: storage and model are programmed.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <set>

#include "summarizer.h"
#include "tests/support/manifest_defaults.h"
#include "tests/support/plugin_library.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::summarizer {
namespace {

using tutti::testing::FakeHost;
using tutti::testing::FakeReply;
using tutti::testing::FakeRequest;
using tutti::testing::LoadedPlugin;

constexpr const char* kListed = R"({"plugin":"p","models":[{"id":"claude-haiku-4-5-20251001","aliases":[]}]})";

std::string Answer(const std::vector<std::string>& sentences) {
  JsonWriter array;
  array.BeginArray();
  int number = 0;
  for (const std::string& sentence : sentences) {
    array.Raw(JsonObject()("n", ++number)("summary", sentence).Take());
  }
  const std::string content = "[" + JsonObject()("type", "text")("text", array.EndArray().Take()).Take() + "]";
  return JsonObject()("model", "m")
      .Raw("content", content)
      .Raw("usage", R"({"input_tokens":10,"output_tokens":5})")
      .Raw("cost_usd", "0.25")
      .Take();
}

class SummarizerPluginTest : public ::testing::Test {
 protected:
  SummarizerPluginTest() {
    host_.SetModels(kListed);
    host_.OnStore([this](const FakeRequest& request) { return Store(request.body); });
    host_.Respond("models", [this](const FakeRequest& request, const FakeReply& reply) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request.body);
      calls_.push_back(reply);
    });
  }

  void Start(std::map<std::string, std::string> changes = {}) {
    changes.emplace("batch_wait_ms", "0");
    plugin_.emplace(host_, tutti::testing::OpenPlugin(SUMMARIZER_LIBRARY).create);
    const Status started = plugin_->Start(tutti::testing::ManifestDefaults(SUMMARIZER_MANIFEST, changes));
    ASSERT_TRUE(started.ok()) << started.ToString();
  }

  // Rows named in `missing_` are not there.
  Result<std::string> Store(const std::string& batch) {
    const std::lock_guard lock(mutex_);
    const Result<Json> json = Json::Parse(batch);
    bool is_broken = false;
    (*json)["ops"].ForEach([&](JsonView op) {
      is_broken = is_broken || (op["label"] && missing_.contains(std::string(op["where"]["id"].AsString())));
    });
    if (is_broken) {
      return Status::FailedPrecondition("a reference leads nowhere");
    }
    JsonWriter results;
    results.BeginArray();
    (*json)["ops"].ForEach([&](JsonView op) {
      if (op["op"].AsString() == "query" || op["op"].AsString() == "get") {
        results.Raw(R"({"count":0,"rows":)" + rows_ + "}");
        return;
      }
      if (op["set"]["summary"].is_string() && !missing_.contains(std::string(op["where"]["id"].AsString()))) {
        const std::string id(op["where"]["id"].AsString(op["where"]["timestamp"].AsString()));
        stored_[id] = op["set"]["summary"].AsString();
      }
      if (op["op"].AsString() == "append") {
        announced_.emplace_back(op["data"]["summary"].AsString(op["data"]["log"]["event_type"].AsString()));
      }
      if (op["add"]["calls"].is_int()) {
        spent_.push_back(op.Dump());
      }
      results.Raw(R"({"affected":1})");
    });
    return R"({"results":)" + results.EndArray().Take() + "}";
  }

  void See(const std::string& point, const std::string& payload, std::int64_t time_us, std::string_view agent = "agent",
           std::string_view run = "run") {
    tutti_event event{};
    event.size = sizeof event;
    event.type = Str(point);
    event.time_us = time_us;
    event.stream = Str("session");
    event.run = Str(run);
    event.agent = Str(agent);
    event.data = Str(payload);
    ASSERT_TRUE(plugin_->OnEvents({event}));
  }

  void SeeText(const std::string& id, std::int64_t time_us, std::string_view agent = "agent") {
    See("TextBlock", JsonObject()("text", "text of " + id)("id", id).Take(), time_us, agent);
  }

  // Model call number `index`, once it has been made.
  FakeReply Call(std::size_t index) {
    EXPECT_TRUE(host_.WaitUntil([&] { return Calls() > index; })) << "call " << index << " was not made";
    const std::lock_guard lock(mutex_);
    return calls_.at(index);
  }

  std::size_t Calls() {
    const std::lock_guard lock(mutex_);
    return calls_.size();
  }

  std::string Request(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return requests_.at(index);
  }

  std::string Stored(const std::string& id) {
    host_.WaitUntil([&] {
      const std::lock_guard lock(mutex_);
      return stored_.contains(id);
    });
    const std::lock_guard lock(mutex_);
    return stored_[id];
  }

  std::vector<std::string> Announced() {
    const std::lock_guard lock(mutex_);
    return announced_;
  }

  FakeHost host_;
  std::mutex mutex_;
  std::string rows_ = "[]";                    // guarded by mutex_
  std::set<std::string> missing_;              // guarded by mutex_
  std::vector<std::string> requests_;          // guarded by mutex_
  std::vector<FakeReply> calls_;               // guarded by mutex_
  std::map<std::string, std::string> stored_;  // guarded by mutex_
  std::vector<std::string> announced_;         // guarded by mutex_
  std::vector<std::string> spent_;             // guarded by mutex_
  std::optional<LoadedPlugin> plugin_;
};

TEST_F(SummarizerPluginTest, SentenceOfTheModelIsStoredAndAnnounced) {
  Start();
  SeeText("r1", 1);
  Call(0).Finish(Answer({"Says hello."}));
  EXPECT_EQ(Stored("r1"), "Says hello.");
  EXPECT_EQ(Announced(), (std::vector<std::string>{"Says hello."}));
}

TEST_F(SummarizerPluginTest, OneCallTakesWhatWaitsOfOneAgent) {
  Start({{"concurrency", "1"}});
  SeeText("r1", 1);
  const FakeReply first = Call(0);
  SeeText("r2", 2);
  SeeText("other", 3, "agent-2");
  SeeText("r3", 4);
  first.Finish(Answer({"one"}));
  Call(1).Finish(Answer({"two", "three"}));
  Call(2).Finish(Answer({"other"}));
  EXPECT_EQ(Stored("r2"), "two");
  EXPECT_EQ(Stored("r3"), "three");
  EXPECT_EQ(Stored("other"), "other");
  EXPECT_EQ(Request(1).find("text of other"), std::string::npos);
  EXPECT_EQ(Calls(), 3U);
}

TEST_F(SummarizerPluginTest, ConcurrencyIsBounded) {
  Start({{"concurrency", "2"}, {"batch_size", "1"}});
  for (int i = 0; i < 5; ++i) {
    SeeText("r" + std::to_string(i), i + 1);
  }
  const FakeReply first = Call(0);
  const FakeReply second = Call(1);
  EXPECT_EQ(host_.Requests("models").size(), 2U);
  first.Finish(Answer({"a"}));
  (void)Call(2);
  EXPECT_EQ(Calls(), 3U);
  second.Finish(Answer({"b"}));
  EXPECT_EQ(Stored("r1"), "b");
}

TEST_F(SummarizerPluginTest, LateSentenceReachesItsRowButIsNotAnnounced) {
  Start({{"concurrency", "2"}, {"batch_size", "1"}});
  SeeText("old", 1);
  const FakeReply old = Call(0);
  SeeText("new", 2);
  Call(1).Finish(Answer({"newer"}));
  EXPECT_EQ(Stored("new"), "newer");
  old.Finish(Answer({"older"}));
  EXPECT_EQ(Stored("old"), "older");
  EXPECT_EQ(Announced(), (std::vector<std::string>{"newer"}));
}

TEST_F(SummarizerPluginTest, WhatDoesNotFitGetsItsFallback) {
  Start({{"concurrency", "1"}, {"max_waiting", "1"}});
  SeeText("r1", 1);
  const FakeReply call = Call(0);
  SeeText("r2", 2);
  SeeText("r3", 3);
  EXPECT_EQ(Stored("r3"), "Text: text of r3");
  EXPECT_EQ(host_.records().Metric("summaries_fallbacks_total", R"({"reason":"full"})"), 1);
  call.Finish(Answer({"one"}));
  Call(1).Finish(Answer({"two"}));
  EXPECT_EQ(Stored("r2"), "two");
}

TEST_F(SummarizerPluginTest, FailedCallGivesFallbacksAndAPause) {
  Start();
  SeeText("r1", 1);
  Call(0).Finish(Status::Unavailable("overloaded"));
  EXPECT_EQ(Stored("r1"), "Text: text of r1");
  SeeText("r2", 2);
  EXPECT_EQ(Stored("r2"), "Text: text of r2");
  EXPECT_EQ(Calls(), 1U);
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(spent_.size(), 1U);
  EXPECT_NE(spent_[0].find("\"failed_calls\":1"), std::string::npos);
}

TEST_F(SummarizerPluginTest, SlowCallIsEndedInTime) {
  Start({{"call_timeout_ms", "100"}});
  SeeText("r1", 1);
  EXPECT_EQ(Stored("r1"), "Text: text of r1");
  EXPECT_TRUE(Call(0).cancelled());
}

TEST_F(SummarizerPluginTest, AutoAsksNoModelThatIsNotListed) {
  host_.SetModels(R"({"plugin":"tutti.models.rehearsal","models":[{"id":"rehearsal","aliases":["haiku"]}]})");
  Start();
  SeeText("r1", 1);
  EXPECT_EQ(Stored("r1"), "Text: text of r1");
  EXPECT_EQ(Calls(), 0U);
  EXPECT_EQ(Announced(), (std::vector<std::string>{"Text: text of r1"}));
}

TEST_F(SummarizerPluginTest, SwitchedOffItWritesNothing) {
  Start({{"mode", "\"none\""}});
  SeeText("r1", 1);
  host_.Settle(std::chrono::milliseconds(20));
  EXPECT_TRUE(host_.Requests("store").empty());
  EXPECT_EQ(Calls(), 0U);
}

TEST_F(SummarizerPluginTest, SpendingIsKeptApartBySessionAndModel) {
  Start();
  SeeText("r1", 1);
  Call(0).Finish(Answer({"one"}));
  EXPECT_EQ(Stored("r1"), "one");
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(spent_.size(), 1U);
  const Result<Json> op = Json::Parse(spent_[0]);
  EXPECT_EQ((*op)["where"].Dump(), R"({"orchestrator":"session","model":"m"})");
  EXPECT_EQ((*op)["add"]["input_tokens"].AsInt(), 10);
  EXPECT_EQ((*op)["add"]["cost_usd"].AsDouble(), 0.25);
  EXPECT_EQ(host_.records().Metric("summaries_cost_usd_total"), 0.25);
}

TEST_F(SummarizerPluginTest, ARowThatIsGoneHarmsNoOther) {
  {
    const std::lock_guard lock(mutex_);
    missing_ = {"gone"};
  }
  Start({{"mode", "\"fallback\""}});
  SeeText("gone", 1, "agent-1");
  SeeText("r2", 2, "agent-2");
  SeeText("r3", 3, "agent-3");
  EXPECT_EQ(Stored("r2"), "Text: text of r2");
  EXPECT_EQ(Stored("r3"), "Text: text of r3");
}

TEST_F(SummarizerPluginTest, StopEndsCallsAndWritesFallbacksOfWhatWaits) {
  Settings settings;
  settings.concurrency = 1;
  settings.batch_wait = std::chrono::milliseconds(0);
  const auto summarizer = Summarizer::Create(Host(host_.raw()), settings);
  const auto see = [&](std::string_view point, std::string_view payload, std::int64_t time_us) {
    tutti_event event{};
    event.size = sizeof event;
    event.type = Str(point);
    event.time_us = time_us;
    event.stream = Str("session");
    event.agent = Str("agent");
    event.data = Str(payload);
    summarizer->Observe(event);
  };
  see("TextBlock", R"({"text":"hello","id":"r1"})", 1);
  const FakeReply call = Call(0);
  see("TextBlock", R"({"text":"again","id":"r2"})", 2);
  see("Stop", R"({"reason":"end_turn"})", 3);
  EXPECT_TRUE(summarizer->Stop());
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(Calls(), 1U);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(stored_["r1"], "Text: hello");
  EXPECT_EQ(stored_["r2"], "Text: again");
  EXPECT_EQ(stored_["1970-01-01T00:00:00.000003+00:00"], "Stop");
}

TEST_F(SummarizerPluginTest, PromptRowsAreLookedUp) {
  {
    const std::lock_guard lock(mutex_);
    rows_ = R"([{"id":"prompt-row","prompt_text":"fix the test"}])";
  }
  Start({{"mode", "\"fallback\""}});
  See("UserPromptSubmit", R"({"prompt":"fix the test"})", 1);
  EXPECT_EQ(Stored("prompt-row"), "A command of the orchestrator");
}

TEST_F(SummarizerPluginTest, FileChangesGetBetterSummariesAndAreAnnouncedAgain) {
  Start();
  See("PostToolUse", R"({"tool_name":"Write","tool_input":{}})", 1);
  Call(0).Finish(Answer({"wrote"}));
  SeeText("text-row", 2);
  Call(1).Finish(Answer({"said"}));
  EXPECT_EQ(Stored("text-row"), "said");
  {
    const std::lock_guard lock(mutex_);
    rows_ = R"([{"id":"text-row","agent_id":"agent","task_slug":"s","payload":{"file_changes":[
      {"path":"a.txt","diff":"+x","summary":"Write a.txt","agent_name":"scout"}],"read_files":[]}}])";
  }
  See("Stop", R"({"reason":"end_turn"})", 3);
  const FakeReply third = Call(2);
  if (Request(2).find("Changed file") != std::string::npos) {
    third.Finish(Answer({"Adds x.", "Adds x."}));
  } else {
    third.Finish(Answer({"stopped"}));
    Call(3).Finish(Answer({"Adds x."}));
  }
  EXPECT_TRUE(host_.WaitUntil([&] {
    for (const FakeRequest& request : host_.Requests("store")) {
      if (request.body.find("FileTrackingBlock") != std::string::npos) {
        return request.body.find("Adds x.") != std::string::npos;
      }
    }
    return false;
  }));
}

}  // namespace
}  // namespace tutti::summarizer
