#include "steps.h"

#include <gtest/gtest.h>

namespace tutti::runs {
namespace {

LiveRun Live(std::int64_t next_index = 0) {
  AcceptedRun run;
  run.run = "r";
  run.conversation = "c";
  return LiveRun(run, RunState::kRunning, 2, next_index);
}

Json Ops(LiveRun& live, const StepPoint& point, std::string_view payload) {
  const Result<Json> json = Json::Parse(payload);
  return std::move(*Json::Parse(StepOps(live, point, json->view())));
}

TEST(Steps, EveryStepIsFencedFirst) {
  for (const char* name : {"Message", "PreToolUse", "PostToolUse", "Stop"}) {
    LiveRun live = Live();
    const Json ops = Ops(live, {name, 1, 0}, "{}");
    const JsonView fence = ops.view()[0];
    EXPECT_EQ(fence["where"].Dump(), R"({"id":"r","fence":2,"status":{"in":["running","waiting"]}})") << name;
    EXPECT_EQ(fence["expect"]["affected"].AsInt(), 1) << name;
    EXPECT_EQ(fence["expect"]["code"].AsString(), "ABORTED") << name;
    EXPECT_EQ(fence["set"]["resumes"].AsInt(-1), 0) << name;
  }
}

TEST(Steps, MessageOfTheModelAddsWhatItTook) {
  LiveRun live = Live();
  const Json ops =
      Ops(live, {"Message", 1, 0},
          R"({"role":"assistant","content":[{"type":"text","text":"x"}],"number":4,"stop_reason":"tool_use",
      "usage":{"input_tokens":3,"output_tokens":2,"cache_read_input_tokens":1,"cache_creation_input_tokens":7},
      "cost_usd":0.5,"context_tokens":99})");
  const JsonView fence = ops.view()[0];
  EXPECT_EQ(fence["add"]["num_turns"].AsInt(), 1);
  EXPECT_EQ(fence["add"]["cache_write_tokens"].AsInt(), 7);
  EXPECT_EQ(fence["add"]["cost_usd"].AsDouble(), 0.5);
  EXPECT_EQ(fence["set"]["stop_reason"].AsString(), "tool_use");
  EXPECT_EQ(fence["set"]["context_tokens"].AsInt(), 99);
  EXPECT_EQ(ops.view()[1]["row"]["number"].AsInt(), 4);
  EXPECT_EQ(ops.view().size(), 2U);
}

TEST(Steps, SummaryCostsAndTakesNoTurn) {
  LiveRun live = Live();
  const Json ops =
      Ops(live, {"Message", 1, 0},
          R"({"role":"user","content":[],"number":4,"is_summary":true,"usage":{"input_tokens":3},"cost_usd":null})");
  EXPECT_EQ(ops.view()[0]["add"]["num_turns"].AsInt(-1), 0);
  EXPECT_EQ(ops.view()[0]["add"]["unpriced_calls"].AsInt(), 1);
  EXPECT_EQ(ops.view()[1]["set"]["is_summary"].AsBool(true), false);
  EXPECT_TRUE(ops.view()[2]["row"]["is_summary"].AsBool());
}

TEST(Steps, FormerCallsOfTheSameIdsAreForgotten) {
  LiveRun live = Live();
  const Json ops =
      Ops(live, {"Message", 1, 0}, R"({"role":"assistant","content":[{"type":"tool_use","id":"t1"}],"number":4})");
  EXPECT_EQ(ops.view()[2]["op"].AsString(), "delete");
  EXPECT_EQ(ops.view()[2]["where"]["tool_use_id"]["in"].Dump(), R"(["t1"])");
}

TEST(Steps, CallIsRecordedBeforeAndAfter) {
  LiveRun live = Live();
  const Json begun =
      Ops(live, {"PreToolUse", 1, 0}, R"({"tool_name":"Bash","tool_use_id":"t1","tool_input":{"command":"ls"}})");
  EXPECT_EQ(begun.view()[1]["row"]["status"].AsString(), "started");
  EXPECT_EQ(begun.view()[1]["row"]["input"]["command"].AsString(), "ls");
  const Json failed = Ops(live, {"PostToolUse", 2, 0},
                          R"({"tool_name":"Bash","tool_use_id":"t1","is_error":true,"tool_response":{"content":[]}})");
  EXPECT_EQ(failed.view()[1]["set"]["status"].AsString(), "failed");
  EXPECT_EQ(failed.view()[1]["set"]["result"].Dump(), R"({"content":[]})");
  EXPECT_EQ(failed.view()[1]["where"].Dump(), R"({"run":"r","tool_use_id":"t1"})");
}

TEST(Steps, LastStepKeepsTheResult) {
  LiveRun live = Live();
  const Json ops = Ops(live, {"Stop", 9, 0}, R"({"reason":"end_turn","num_turns":2})");
  EXPECT_EQ(ops.view()[0]["set"]["result"].Dump(), R"({"reason":"end_turn","num_turns":2})");
}

TEST(Steps, StoredIndexIsAheadOfWhatWasUsed) {
  LiveRun live = Live();
  const Json first = Ops(live, {"Message", 1, 0}, R"({"role":"user","content":[{"type":"text"}],"number":0})");
  const std::int64_t reserved = first.view()[0]["set"]["next_index"].AsInt();
  EXPECT_GT(reserved, 2);
  const Json next = Ops(live, {"PreToolUse", 5, 0}, "{}");
  EXPECT_FALSE(static_cast<bool>(next.view()[0]["set"]["next_index"]));
  const Json beyond = Ops(live, {"PreToolUse", static_cast<std::uint32_t>(reserved), 0}, "{}");
  EXPECT_GT(beyond.view()[0]["set"]["next_index"].AsInt(), reserved);
}

TEST(Steps, RefusalsCannotBeMet) {
  const LiveRun live = Live();
  const Result<Json> refusal = Json::Parse(RefusalOps(live));
  EXPECT_EQ(refusal->view()[0]["where"]["fence"].AsInt(), -1);
  EXPECT_EQ(refusal->view()[0]["expect"]["affected"].AsInt(), 1);
  const Result<Json> stranger = Json::Parse(StrangerOps("r"));
  EXPECT_EQ(stranger->view()[0]["expect"]["affected"].AsInt(-1), 0);
}

}  // namespace
}  // namespace tutti::runs
