// What is done with a run that was cut off, for each place at which that can happen.
#include "resumption.h"

#include <gtest/gtest.h>

namespace tutti::runs {
namespace {

constexpr std::string_view kTools = R"([
  {"name":"Read","effects":"read","idempotent":false},{"name":"Put","effects":"write","idempotent":true},
  {"name":"Bash","effects":"write","idempotent":false}])";
constexpr std::string_view kAsks = R"({"number":1,"role":"assistant","run":"r","content":[
  {"type":"tool_use","id":"t1","name":"Bash"},{"type":"tool_use","id":"t2","name":"Bash"}]})";
constexpr std::string_view kHasPrompt = R"([{"is_summary":false,"messages":1}])";

struct Case {
  std::string row = "{}";  // members beside request
  std::string_view counts = "[]";
  std::string_view last = "{}";
  std::string_view calls = "[]";
};

Resumption Of(const Case& cut) {
  std::string row = R"({"id":"r","status":"running","request":{"max_turns":5},"num_turns":2,"input_tokens":7,)"
                    R"("output_tokens":1,"cost_usd":0.5,"unpriced_calls":0,"stop_reason":"tool_use")";
  row += cut.row == "{}" ? "}" : "," + cut.row.substr(1);
  const Result<Json> stored = Json::Parse(row);
  const Result<Json> counts = Json::Parse(cut.counts);
  const Result<Json> last = Json::Parse(cut.last);
  const Result<Json> calls = Json::Parse(cut.calls);
  const Result<Json> tools = Json::Parse(kTools);
  return ResumptionOf({stored->view(), counts->view(), last->view(), calls->view(), tools->view()}, 10);
}

std::string Results(const Resumption& resumption) {
  const Result<Json> json = Json::Parse(resumption.resume);
  return (*json)["results"].Dump();
}

TEST(Resumption, BeforeThePromptItBegins) {
  EXPECT_EQ(Of({}).kind, Resumption::Kind::kBegin);
  EXPECT_EQ(Of({.counts = R"([{"is_summary":true,"messages":1}])"}).kind, Resumption::Kind::kBegin);
}

TEST(Resumption, AfterThePromptItGoesOnWithItsTotals) {
  const Resumption resumption =
      Of({.counts = kHasPrompt, .last = R"({"number":0,"role":"user","content":[],"run":"r"})"});
  ASSERT_EQ(resumption.kind, Resumption::Kind::kGoOn);
  const Result<Json> resume = Json::Parse(resumption.resume);
  EXPECT_EQ((*resume)["num_turns"].AsInt(), 2);
  EXPECT_EQ((*resume)["usage"]["input_tokens"].AsInt(), 7);
  EXPECT_EQ((*resume)["cost_usd"].AsDouble(), 0.5);
  EXPECT_EQ((*resume)["stop_reason"].AsString(), "tool_use");
  EXPECT_EQ(Results(resumption), "{}");
}

TEST(Resumption, CallsThatNeverBeganAreMadeNow) {
  const Resumption resumption = Of({.counts = kHasPrompt, .last = kAsks});
  EXPECT_EQ(Results(resumption), "{}");
  EXPECT_TRUE(resumption.unknown.empty());
}

TEST(Resumption, BetweenCallsTheFirstHasItsResultAndTheOneInFlightIsUnknown) {
  const Resumption resumption = Of({.counts = kHasPrompt, .last = kAsks, .calls = R"([
      {"tool_use_id":"t1","tool_name":"Bash","status":"done","result":{"content":[]},"is_error":false},
      {"tool_use_id":"t2","tool_name":"Bash","status":"started"}])"});
  EXPECT_EQ(Results(resumption),
            R"({"t1":{"state":"done","result":{"content":[]},"is_error":false},"t2":{"state":"unknown"}})");
  ASSERT_EQ(resumption.unknown.size(), 1U);
  EXPECT_EQ(resumption.unknown[0].tool_use_id, "t2");
}

TEST(Resumption, CallThatMayBeRepeatedIsMadeAgain) {
  const Resumption resumption = Of({.counts = kHasPrompt, .last = kAsks, .calls = R"([
      {"tool_use_id":"t1","tool_name":"Read","status":"started"},
      {"tool_use_id":"t2","tool_name":"Put","status":"started"}])"});
  EXPECT_EQ(Results(resumption), "{}");
  EXPECT_TRUE(resumption.unknown.empty());
}

TEST(Resumption, UnknownStaysUnknownAndIsTold) {
  const Resumption resumption = Of({.counts = kHasPrompt, .last = kAsks, .calls = R"([
      {"tool_use_id":"t1","tool_name":"Read","status":"unknown"}])"});
  EXPECT_EQ(Results(resumption), R"({"t1":{"state":"unknown"}})");
  EXPECT_TRUE(resumption.unknown.empty());
}

TEST(Resumption, AfterTheLastStepOnlyTheEndIsStored) {
  const Resumption done =
      Of({.row = R"({"result":{"reason":"end_turn","num_turns":3,"text":"hi"}})", .counts = kHasPrompt});
  EXPECT_EQ(done.kind, Resumption::Kind::kEnd);
  EXPECT_EQ(done.end, RunEvent::kFinish);
  EXPECT_EQ(done.totals, R"({"stop_reason":"end_turn","num_turns":3,"text":"hi"})");
  const Resumption failed = Of({.row = R"({"result":{"reason":"error","error":"no key"}})"});
  EXPECT_EQ(failed.end, RunEvent::kFail);
  EXPECT_EQ(failed.error, "no key");
  EXPECT_EQ(Of({.row = R"({"result":{"reason":"interrupted"}})"}).end, RunEvent::kInterrupt);
}

TEST(Resumption, WhatSomebodyStoppedDoesNotGoOn) {
  const Resumption resumption = Of({.row = R"({"stop_asked":true})", .counts = kHasPrompt});
  EXPECT_EQ(resumption.kind, Resumption::Kind::kEnd);
  EXPECT_EQ(resumption.end, RunEvent::kInterrupt);
}

TEST(Resumption, RunThatNeverGetsOnIsGivenUp) {
  EXPECT_EQ(Of({.row = R"({"resumes":10})", .counts = kHasPrompt}).kind, Resumption::Kind::kGoOn);
  const Resumption resumption = Of({.row = R"({"resumes":11})", .counts = kHasPrompt});
  EXPECT_EQ(resumption.kind, Resumption::Kind::kEnd);
  EXPECT_EQ(resumption.end, RunEvent::kFail);
  EXPECT_NE(resumption.error.find("10 times"), std::string::npos);
}

TEST(Resumption, RunOfAnOlderVersionEnds) {
  const Result<Json> row = Json::Parse(R"({"id":"r","status":"running","request":null})");
  const Resumption resumption = ResumptionOf({row->view(), {}, {}, {}, {}}, 10);
  EXPECT_EQ(resumption.end, RunEvent::kInterrupt);
}

TEST(Resumption, CompactionGoesOnOnlyWhenItsSummaryIsThere) {
  const char* compact = R"({"request":{"compact":{"trigger":"manual"}}})";
  EXPECT_EQ(Of({.row = compact}).kind, Resumption::Kind::kBegin);
  const Result<Json> row = Json::Parse(R"({"id":"r","request":{"compact":{}}})");
  const Result<Json> counts = Json::Parse(R"([{"is_summary":true,"messages":1}])");
  EXPECT_EQ(ResumptionOf({row->view(), counts->view(), {}, {}, {}}, 10).kind, Resumption::Kind::kGoOn);
}

TEST(Resumption, UnknownCallIsMarkedWithAnEvent) {
  AcceptedRun run;
  run.run = "r";
  run.stream = "s";
  run.tree = "/a/";
  Batch batch;
  AddUnknownCalls(run, {{"t1", "Bash"}}, batch);
  const Result<Json> ops = Json::Parse(batch.Ops());
  EXPECT_EQ(ops->view()[0]["set"]["status"].AsString(), "unknown");
  EXPECT_EQ(ops->view()[1]["type"].AsString(), "tool.unknown");
  EXPECT_EQ(ops->view()[1]["tree"].AsString(), "/a/");
}

}  // namespace
}  // namespace tutti::runs
