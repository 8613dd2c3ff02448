#include "run_rows.h"

#include <gtest/gtest.h>

namespace tutti::runs {
namespace {

Json Parsed(Op op) {
  return std::move(*Json::Parse(op.Take()));
}

LiveRun Live(RunState state) {
  AcceptedRun run;
  run.run = "r";
  return LiveRun(run, state, 3);
}

TEST(RunRows, EndKeepsWhatTheRunCost) {
  const Result<Json> totals = Json::Parse(R"({"stop_reason":"end_turn","num_turns":2,"cost_usd":0.25,"unpriced_calls":3,
      "usage":{"input_tokens":7,"output_tokens":3,"cache_read_input_tokens":100,"cache_creation_input_tokens":50}})");
  const Json op = Parsed(MoveRun(Live(RunState::kRunning), {RunState::kDone, {}, {}, totals->view()}));
  EXPECT_EQ(op["where"].Dump(), R"({"id":"r","fence":3,"status":"running"})");
  EXPECT_EQ(op["expect"]["affected"].AsInt(), 1);
  EXPECT_EQ(op["expect"]["code"].AsString(), "ABORTED");
  const JsonView set = op["set"];
  EXPECT_EQ(set["status"].AsString(), "done");
  EXPECT_EQ(set["stop_reason"].AsString(), "end_turn");
  EXPECT_TRUE(set["error"].is_null());
  EXPECT_EQ(set["input_tokens"].AsInt(), 7);
  EXPECT_EQ(set["cache_read_tokens"].AsInt(), 100);
  EXPECT_EQ(set["cache_write_tokens"].AsInt(), 50);
  EXPECT_EQ(set["cost_usd"].AsDouble(), 0.25);
  EXPECT_EQ(set["unpriced_calls"].AsInt(), 3);
}

TEST(RunRows, EndWithoutTotalsLeavesWhatStepsHaveAdded) {
  const Json op = Parsed(MoveRun(Live(RunState::kRunning), {RunState::kFailed, {}, "storage away", JsonView()}));
  EXPECT_FALSE(static_cast<bool>(op["set"]["cost_usd"]));
  EXPECT_FALSE(static_cast<bool>(op["set"]["num_turns"]));
  EXPECT_EQ(op["set"]["error"].AsString(), "storage away");
}

TEST(RunRows, OnlyTheFirstTurnIsTheStart) {
  EXPECT_TRUE(
      Parsed(MoveRun(Live(RunState::kQueued), {RunState::kRunning, {}, {}, {}}))["set"]["started_at"].is_string());
  EXPECT_FALSE(static_cast<bool>(
      Parsed(MoveRun(Live(RunState::kWaiting), {RunState::kRunning, {}, {}, {}}))["set"]["started_at"]));
}

TEST(RunRows, WaitingSaysForWhat) {
  const Json op = Parsed(MoveRun(Live(RunState::kRunning), {RunState::kWaiting, "an approval", {}, {}}));
  EXPECT_EQ(op["set"].Dump(), R"({"status":"waiting","waiting_for":"an approval"})");
}

TEST(RunRows, ListFiltersOnlyByWhatIsGiven) {
  const Result<Json> args = Json::Parse(R"({"agent":"scout","limit":5})");
  const Json op = Parsed(ListRuns(args->view()));
  EXPECT_EQ(op["where"].Dump(), R"({"agent":"scout"})");
  EXPECT_EQ(op["limit"].AsInt(), 5);
}

TEST(RunRows, TakingOverCountsUnlessTheRunHasNotBegun) {
  const Result<Json> running = Json::Parse(R"({"id":"r","fence":4,"status":"running"})");
  const Result<Json> queued = Json::Parse(R"({"id":"r","fence":4,"status":"queued"})");
  const Json claim = Parsed(ClaimRun(running->view(), {"me", 1000}));
  EXPECT_EQ(claim["where"].Dump(), R"({"id":"r","fence":4,"status":"running"})");
  EXPECT_EQ(claim["add"].Dump(), R"({"fence":1,"resumes":1})");
  EXPECT_EQ(claim["set"]["owner"].AsString(), "me");
  EXPECT_EQ(Parsed(ClaimRun(queued->view(), {"me", 1000}))["add"]["resumes"].AsInt(-1), 0);
}

TEST(RunRows, SelectionIsOneOfFourWays) {
  for (const char* wrong :
       {"{}", R"({"run":"x","all":true})", R"({"agent":"a","tree":"b"})", R"({"run":"nonsense"})"}) {
    const Result<Json> args = Json::Parse(wrong);
    EXPECT_EQ(RunSelection::Read(args->view()).status().code(), Code::kInvalidArgument) << wrong;
  }
  const Result<Json> all = Json::Parse(R"({"all":true})");
  EXPECT_EQ(RunSelection::Read(all->view())->Filter(), R"({"status":{"in":["queued","running","waiting"]}})");
}

}  // namespace
}  // namespace tutti::runs
