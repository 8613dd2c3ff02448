#include "run_rows.h"

#include <gtest/gtest.h>

namespace tutti::runs {
namespace {

Json Parsed(Op op) {
  return std::move(*Json::Parse(op.Take()));
}

TEST(RunRows, ArgumentsHaveTheirDefaults) {
  const Result<Json> args = Json::Parse(R"({"run":"r","agent":"scout","labels":{"role":"agent"},"busy":"replace"})");
  const StartArguments read = StartArguments::Read(args->view());
  EXPECT_EQ(read.key, "scout");
  EXPECT_EQ(read.labels, R"({"role":"agent"})");
  EXPECT_EQ(read.busy, Busy::kReplace);
}

TEST(RunRows, EndKeepsWhatTheRunCost) {
  const Result<Json> totals = Json::Parse(R"({"stop_reason":"end_turn","num_turns":2,"cost_usd":0.25,"unpriced_calls":3,
      "usage":{"input_tokens":7,"output_tokens":3,"cache_read_input_tokens":100,"cache_creation_input_tokens":50}})");
  const Json op = Parsed(EndRun("r", {.status = "done", .error = {}, .totals = totals->view()}));
  EXPECT_EQ(op["where"]["id"].AsString(), "r");
  const JsonView set = op["set"];
  EXPECT_EQ(set["status"].AsString(), "done");
  EXPECT_TRUE(set["error"].is_null());
  EXPECT_EQ(set["input_tokens"].AsInt(), 7);
  EXPECT_EQ(set["cache_read_tokens"].AsInt(), 100);
  EXPECT_EQ(set["cache_write_tokens"].AsInt(), 50);
  EXPECT_EQ(set["cost_usd"].AsDouble(), 0.25);
  EXPECT_EQ(set["unpriced_calls"].AsInt(), 3);
}

TEST(RunRows, EndWithoutTotalsLeavesTheCostUnknown) {
  const Json op = Parsed(EndRun("r", {.status = "failed", .error = "storage away", .totals = {}}));
  EXPECT_TRUE(op["set"]["cost_usd"].is_null());
  EXPECT_EQ(op["set"]["error"].AsString(), "storage away");
  EXPECT_EQ(op["set"]["num_turns"].AsInt(-1), 0);
}

TEST(RunRows, ListFiltersOnlyByWhatIsGiven) {
  const Result<Json> args = Json::Parse(R"({"agent":"scout","limit":5})");
  const Json op = Parsed(ListRuns(args->view()));
  EXPECT_EQ(op["where"].Dump(), R"({"agent":"scout"})");
  EXPECT_EQ(op["limit"].AsInt(), 5);
}

TEST(RunRows, RunningRowHasItsStart) {
  StartArguments arguments;
  arguments.labels = "{}";
  EXPECT_TRUE(Parsed(InsertRun(arguments, "running"))["row"]["started_at"].is_string());
  EXPECT_FALSE(Parsed(InsertRun(arguments, "queued"))["row"]["started_at"]);
}

}  // namespace
}  // namespace tutti::runs
