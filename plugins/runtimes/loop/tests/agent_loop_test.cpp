#include "agent_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "scripted_services.h"

namespace tutti::loop {
namespace {

constexpr std::string_view kTools = R"([
  {"name":"Read","description":"reads","input_schema":{"type":"object"},"effects":"read"},
  {"name":"Grep","description":"greps","input_schema":{"type":"object"},"effects":"read"},
  {"name":"Write","description":"writes","input_schema":{"type":"object"},"effects":"write"},
  {"name":"Secret","description":"not offered","input_schema":{"type":"object"},"effects":"read"}])";

std::string Answer(std::string_view content, std::string_view stop_reason = "end_turn", std::string_view cost = "0.5") {
  JsonObject answer;
  answer("model", "m")("stop_reason", stop_reason).Raw("content", content);
  answer.Raw("usage", R"({"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":2})");
  return answer.Raw("cost_usd", cost).Take();
}

std::string Text(std::string_view text) {
  return "[" + JsonObject()("type", "text")("text", text).Take() + "]";
}

std::string ToolUse(const std::vector<std::pair<std::string, std::string>>& calls) {
  std::string text = "[";
  for (const auto& [id, name] : calls) {
    text += text.size() > 1 ? "," : "";
    text += JsonObject()("type", "tool_use")("id", id)("name", name).Raw("input", "{}").Take();
  }
  return text + "]";
}

class AgentLoopTest : public testing::Test {
 protected:
  void Start(std::string_view more = "{}") {
    JsonObject request;
    request("run", "r")("model", "m")("system", "be kind")("prompt", "hello")("next_number", 4);
    request.Raw("tools", R"(["Read","Grep","Write","Missing"])");
    const Result<Json> extra = Json::Parse(more);
    const std::string earlier = R"({"role":"user","content":[{"type":"text","text":"earlier"}],"number":3})";
    const std::string more_messages = (*extra)["messages"].is_array() ? (*extra)["messages"].Dump() : "[]";
    request.Raw("messages", "[" + earlier + ((*extra)["earlier"].AsInt(1) > 1 ? "," + earlier : "") +
                                (more_messages == "[]" ? "" : "," + more_messages.substr(1, more_messages.size() - 2)) +
                                "]");
    request("max_turns", (*extra)["max_turns"].AsInt(10))("context_tokens", (*extra)["context_tokens"].AsInt());
    for (const char* member : {"compact", "resume"}) {
      if ((*extra)[member].is_object()) {
        request.Raw(member, (*extra)[member].Dump());
      }
    }
    loop_ = std::make_unique<AgentLoop>(services_, *RunRequest::Parse(request.Take()), kTools,
                                        ToolLimits{.parallel = 2, .max_result_bytes = 1000}, compaction_);
    Spawn(Drive(), [](const std::exception_ptr& thrown) { std::rethrow_exception(thrown); });
  }

  Task<void> Drive() { result_ = co_await loop_->Run(); }

  Json Ended() {
    EXPECT_TRUE(result_.has_value() && result_->ok()) << (result_ ? result_->status().ToString() : "still running");
    return std::move(*Json::Parse(**result_));
  }

  Json Message(std::size_t index) { return std::move(*Json::Parse(services_.messages.at(index))); }

  ScriptedServices services_;
  CompactionLimits compaction_;  // never by itself
  std::unique_ptr<AgentLoop> loop_;
  std::optional<Result<std::string>> result_;
};

TEST_F(AgentLoopTest, TextAnswerEndsTheRunWithItsTotals) {
  services_.answers = {Answer(Text("hi"))};
  Start();
  const Json result = Ended();
  EXPECT_EQ(result["stop_reason"].AsString(), "end_turn");
  EXPECT_EQ(result["num_turns"].AsInt(), 1);
  EXPECT_EQ(result["usage"]["input_tokens"].AsInt(), 10);
  EXPECT_EQ(result["cost_usd"].AsDouble(), 0.5);
  EXPECT_EQ(result["text"].AsString(), "hi");
  EXPECT_EQ(services_.points,
            (std::vector<std::string>{"UserPromptSubmit", "Message", "Message", "TextBlock", "Stop"}));
  EXPECT_EQ(Message(0)["number"].AsInt(), 4);
  EXPECT_EQ(Message(1)["number"].AsInt(), 5);
}

TEST_F(AgentLoopTest, ModelGetsHistoryPromptAndOnlyAllowedTools) {
  services_.answers = {Answer(Text("hi"))};
  Start();
  const Json request = std::move(*Json::Parse(services_.requests.at(0)));
  EXPECT_EQ(request["system"].AsString(), "be kind");
  ASSERT_EQ(request["messages"].size(), 2U);
  EXPECT_FALSE(request["messages"][0]["number"]);
  EXPECT_EQ(request["messages"][1]["content"][0]["text"].AsString(), "hello");
  ASSERT_EQ(request["tools"].size(), 3U);
  EXPECT_EQ(request["tools"][0]["name"].AsString(), "Read");
}

TEST_F(AgentLoopTest, PatchedPromptIsWhatTheConversationKeeps) {
  services_.patched_prompt = "redacted";
  services_.answers = {Answer(Text("hi"))};
  Start();
  EXPECT_EQ(Message(0)["content"][0]["text"].AsString(), "redacted");
}

TEST_F(AgentLoopTest, EmptyPromptDoesNotSpoilTheConversation) {
  services_.patched_prompt = "";
  services_.answers = {Answer(Text("hi"))};
  Start();
  EXPECT_FALSE(Message(0)["content"][0]["text"].AsString().empty());
}

TEST_F(AgentLoopTest, DeniedPromptEndsTheRunBeforeTheModel) {
  services_.fire_failures.emplace(1, Status::PermissionDenied("not on Sundays"));
  Start();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().code(), Code::kPermissionDenied);
  EXPECT_EQ(result_->status().message(), "not on Sundays");
  EXPECT_TRUE(services_.requests.empty());
}

TEST_F(AgentLoopTest, AllToolResultsTravelInOneMessageInOrder) {
  services_.answers = {Answer(ToolUse({{"a", "Write"}, {"b", "Read"}, {"c", "Write"}}), "tool_use"),
                       Answer(Text("done"))};
  services_.tool_results.emplace("b", Status::InvalidArgument("file_path is missing"));
  Start();
  EXPECT_EQ(Ended()["num_turns"].AsInt(), 2);
  const Json answers = Message(2);
  ASSERT_EQ(answers["content"].size(), 3U);
  EXPECT_EQ(answers["role"].AsString(), "user");
  EXPECT_EQ(answers["content"][0]["tool_use_id"].AsString(), "a");
  EXPECT_EQ(answers["content"][0]["content"][0]["text"].AsString(), "done");
  EXPECT_TRUE(answers["content"][1]["is_error"].AsBool());
  EXPECT_EQ(answers["content"][1]["content"][0]["text"].AsString(), "file_path is missing");
  EXPECT_FALSE(answers["content"][2]["is_error"].AsBool());
  EXPECT_EQ(services_.last_allowed, R"(["Read","Grep","Write"])");
}

TEST_F(AgentLoopTest, ReadersRunSideBySideWithinTheBoundWritersAlone) {
  services_.defer_tools = true;
  services_.answers = {
      Answer(ToolUse({{"a", "Read"}, {"b", "Grep"}, {"c", "Read"}, {"d", "Write"}, {"e", "Write"}}), "tool_use"),
      Answer(Text("done"))};
  Start();
  EXPECT_EQ(services_.calls.size(), 2U);
  services_.FinishDeferred();
  EXPECT_EQ(services_.most_running, 2);
  EXPECT_EQ(services_.calls.size(), 5U);
  const Json answers = Message(2);
  for (const auto& [index, id] : {std::pair(0, "a"), {1, "b"}, {2, "c"}, {3, "d"}, {4, "e"}}) {
    EXPECT_EQ(answers["content"][index]["tool_use_id"].AsString(), id);
  }
  EXPECT_EQ(Ended()["stop_reason"].AsString(), "end_turn");
}

TEST_F(AgentLoopTest, InterruptDuringToolsAnswersEveryCallAndEndsCancelled) {
  services_.answers = {Answer(ToolUse({{"a", "Write"}, {"b", "Write"}}), "tool_use")};
  services_.on_tool = [&](const std::string&) { services_.is_cancelled = true; };
  services_.tool_results.emplace("a", Status::Cancelled("the command was stopped"));
  Start();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().code(), Code::kCancelled);
  EXPECT_EQ(services_.calls.size(), 1U);
  const Json answers = Message(2);
  ASSERT_EQ(answers["content"].size(), 2U);
  EXPECT_TRUE(answers["content"][0]["is_error"].AsBool());
  EXPECT_TRUE(answers["content"][1]["is_error"].AsBool());
  const Json so_far = std::move(*Json::Parse(result_->status().details()));
  EXPECT_EQ(so_far["usage"]["output_tokens"].AsInt(), 5);
  EXPECT_EQ(services_.points.back(), "Stop");
}

TEST_F(AgentLoopTest, InterruptedModelCallLeavesNothingToAnswer) {
  services_.answers = {Status::Cancelled("stopped")};
  services_.on_complete = [&] { services_.is_cancelled = true; };
  Start();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().code(), Code::kCancelled);
  EXPECT_EQ(services_.messages.size(), 1U);
}

TEST_F(AgentLoopTest, TurnLimitEndsAfterTheToolsWereAnswered) {
  services_.answers = {Answer(ToolUse({{"a", "Write"}}), "tool_use"), Answer(ToolUse({{"b", "Write"}}), "tool_use")};
  Start(R"({"max_turns":2})");
  const Json result = Ended();
  EXPECT_EQ(result["stop_reason"].AsString(), "max_turns");
  EXPECT_EQ(result["num_turns"].AsInt(), 2);
  EXPECT_EQ(Message(4)["content"][0]["type"].AsString(), "tool_result");
}

TEST_F(AgentLoopTest, CallCutAtTheOutputLimitDoesNotRun) {
  services_.answers = {Answer(ToolUse({{"a", "Write"}}), "max_tokens")};
  Start();
  EXPECT_EQ(Ended()["stop_reason"].AsString(), "max_tokens");
  EXPECT_TRUE(services_.calls.empty());
  EXPECT_TRUE(Message(2)["content"][0]["is_error"].AsBool());
}

TEST_F(AgentLoopTest, PausedTurnGoesOnWithoutAUserMessage) {
  services_.answers = {Answer(Text("one moment"), "pause_turn"), Answer(Text("there"))};
  Start();
  EXPECT_EQ(Ended()["num_turns"].AsInt(), 2);
  const Json request = std::move(*Json::Parse(services_.requests.at(1)));
  EXPECT_EQ(request["messages"].size(), 3U);
}

TEST_F(AgentLoopTest, RefusalEndsTheRun) {
  services_.answers = {Answer(Text("no"), "refusal")};
  Start();
  EXPECT_EQ(Ended()["stop_reason"].AsString(), "refusal");
}

TEST_F(AgentLoopTest, CallsOfUnknownPriceAreCountedBesideWhatIsKnown) {
  services_.answers = {Answer(Text("a"), "pause_turn", "null"), Answer(Text("b"), "end_turn", "0.5")};
  Start();
  EXPECT_EQ(Ended()["cost_usd"].AsDouble(), 0.5);
  EXPECT_EQ(Ended()["unpriced_calls"].AsInt(), 1);
  EXPECT_EQ(services_.emitted.size(), 2U);
}

TEST_F(AgentLoopTest, WithoutAnyPriceTheCostIsUnknown) {
  services_.answers = {Answer(Text("a"), "end_turn", "null")};
  Start();
  EXPECT_TRUE(Ended()["cost_usd"].is_null());
  EXPECT_EQ(Ended()["unpriced_calls"].AsInt(), 1);
}

TEST_F(AgentLoopTest, CostsAreSummedExactly) {
  services_.answers = {Answer(Text("a"), "pause_turn", "0.1"), Answer(Text("b"), "pause_turn", "0.2"),
                       Answer(Text("c"), "end_turn", "0.00000001")};
  Start();
  EXPECT_EQ(Ended()["cost_usd"].Dump(), "0.30000001");
  EXPECT_EQ(Ended()["unpriced_calls"].AsInt(-1), 0);
}

TEST_F(AgentLoopTest, StepThatCannotBeStoredEndsTheRunWithItsReason) {
  services_.answers = {Answer(ToolUse({{"a", "Write"}}), "tool_use")};
  services_.fire_failures.emplace(3, Status::Unavailable("the database is away"));
  Start();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().code(), Code::kUnavailable);
  EXPECT_TRUE(services_.calls.empty());
}

TEST_F(AgentLoopTest, ModelFailureIsToldToTheStopHook) {
  services_.answers = {Status::Unavailable("overloaded")};
  Start();
  EXPECT_EQ(result_->status().message(), "overloaded");
  const Json stop = std::move(*Json::Parse(services_.fires.back()));
  EXPECT_EQ(stop.view()[0]["payload"]["reason"].AsString(), "error");
}

TEST_F(AgentLoopTest, CompactingRunReplacesTheConversationByItsSummary) {
  services_.answers = {Answer(Text("what was said"))};
  Start(R"({"compact":{"trigger":"manual","instructions":"keep names"},"context_tokens":70})");
  const Json result = Ended();
  EXPECT_EQ(result["stop_reason"].AsString(), "compacted");
  EXPECT_EQ(result["text"].AsString(), "what was said");
  EXPECT_EQ(result["compactions"].AsInt(), 1);
  EXPECT_EQ(result["usage_since_compaction"]["input_tokens"].AsInt(-1), 0);
  EXPECT_EQ(result["cost_usd"].AsDouble(), 0.5);
  EXPECT_GT(result["context_tokens"].AsInt(), 0);
  EXPECT_EQ(services_.points, (std::vector<std::string>{"PreCompact", "Message"}));
  const Json before = std::move(*Json::Parse(services_.fires.at(0)));
  EXPECT_EQ(before.view()[0]["payload"]["trigger"].AsString(), "manual");
  EXPECT_EQ(before.view()[0]["payload"]["tokens_before"].AsInt(), 70);
  const Json request = std::move(*Json::Parse(services_.requests.at(0)));
  ASSERT_EQ(request["messages"].size(), 2U);
  EXPECT_EQ(request["messages"][0]["content"][0]["text"].AsString(), "earlier");
  EXPECT_TRUE(request["messages"][1]["content"][0]["text"].AsString().ends_with("keep names"));
  EXPECT_EQ(request["tool_choice"]["type"].AsString(), "none");
  const Json summary = Message(0);
  EXPECT_TRUE(summary["is_summary"].AsBool());
  EXPECT_EQ(summary["number"].AsInt(), 4);
  EXPECT_EQ(summary["role"].AsString(), "user");
  EXPECT_TRUE(summary["content"][0]["text"].AsString().ends_with("what was said"));
}

TEST_F(AgentLoopTest, ConversationOfOneMessageIsNotCompacted) {
  compaction_.context_tokens = 100;
  services_.answers = {Answer(Text("hi"))};
  Start(R"({"context_tokens":80})");
  EXPECT_EQ(Ended()["text"].AsString(), "hi");
  EXPECT_EQ(services_.points.front(), "UserPromptSubmit");
}

TEST_F(AgentLoopTest, FullConversationIsCompactedBeforeThePrompt) {
  compaction_.context_tokens = 100;
  services_.answers = {Answer(Text("what was said")), Answer(Text("hi"))};
  Start(R"({"context_tokens":80,"earlier":2})");
  EXPECT_EQ(Ended()["text"].AsString(), "hi");
  EXPECT_EQ(services_.points, (std::vector<std::string>{"PreCompact", "Message", "UserPromptSubmit", "Message",
                                                        "Message", "TextBlock", "Stop"}));
  const Json last = std::move(*Json::Parse(services_.requests.at(1)));
  ASSERT_EQ(last["messages"].size(), 2U);
  EXPECT_EQ(last["messages"][1]["content"][0]["text"].AsString(), "hello");
}

TEST_F(AgentLoopTest, RunThatGrowsTooLongGoesOnFromASummaryOfItself) {
  compaction_.context_tokens = 100;
  const std::string full =
      R"({"model":"m","stop_reason":"tool_use","content":)" + ToolUse({{"a", "Read"}}) +
      R"(,"usage":{"input_tokens":60,"output_tokens":15,"cache_read_input_tokens":10},"cost_usd":1})";
  services_.answers = {full, Answer(Text("what was done")), Answer(Text("finished"))};
  Start();
  const Json result = Ended();
  EXPECT_EQ(result["text"].AsString(), "finished");
  EXPECT_EQ(result["num_turns"].AsInt(), 2);
  EXPECT_EQ(result["compactions"].AsInt(), 1);
  EXPECT_EQ(result["usage"]["input_tokens"].AsInt(), 80);
  EXPECT_EQ(result["usage_since_compaction"]["input_tokens"].AsInt(), 10);
  EXPECT_EQ(result["context_tokens"].AsInt(), 17);
  EXPECT_EQ(services_.points,
            (std::vector<std::string>{"UserPromptSubmit", "Message", "Message", "ToolUseBlock", "Message", "PreCompact",
                                      "Message", "Message", "TextBlock", "Stop"}));
  const Json last = std::move(*Json::Parse(services_.requests.at(2)));
  ASSERT_EQ(last["messages"].size(), 1U);
  EXPECT_TRUE(last["messages"][0]["content"][0]["text"].AsString().ends_with("what was done"));
}

TEST_F(AgentLoopTest, RunGoesOnWhenItCannotBeCompacted) {
  compaction_.context_tokens = 100;
  const std::string full = R"({"model":"m","stop_reason":"tool_use","content":)" + ToolUse({{"a", "Read"}}) +
                           R"(,"usage":{"input_tokens":90,"output_tokens":5},"cost_usd":1})";
  services_.answers = {full, Status::Unavailable("overloaded"), full, Answer(Text("finished"))};
  Start();
  EXPECT_EQ(Ended()["text"].AsString(), "finished");
  // Not tried again in this run.
  EXPECT_EQ(services_.warnings.size(), 1U);
  EXPECT_EQ(services_.requests.size(), 4U);
}

TEST_F(AgentLoopTest, DeniedCompactionLeavesTheConversationAsItIs) {
  services_.fire_failures.emplace(1, Status::PermissionDenied("not now"));
  Start(R"({"compact":{"trigger":"manual"}})");
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().message(), "not now");
  EXPECT_TRUE(services_.requests.empty());
  EXPECT_TRUE(services_.messages.empty());
}

TEST_F(AgentLoopTest, SummaryThatWasCutReplacesNothing) {
  services_.answers = {Answer(Text("what was"), "max_tokens")};
  Start(R"({"compact":{"trigger":"manual"}})");
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().code(), Code::kUnavailable);
  EXPECT_TRUE(services_.messages.empty());
}

// ---- runs that were cut off

constexpr std::string_view kResumeTotals =
    R"("num_turns":1,"usage":{"input_tokens":10,"output_tokens":5},"cost_usd":0.5,"unpriced_calls":0)";

std::string Resumed(std::string_view results, std::string_view messages, std::string_view stop_reason = "tool_use") {
  return std::string(R"({"resume":{)")
      .append(kResumeTotals)
      .append(R"(,"stop_reason":")")
      .append(stop_reason)
      .append(R"(","results":)")
      .append(results)
      .append(R"(},"messages":)")
      .append(messages)
      .append("}");
}

std::string Asked(const std::vector<std::pair<std::string, std::string>>& calls) {
  return R"([{"role":"assistant","content":)" + ToolUse(calls) + "}]";
}

TEST_F(AgentLoopTest, ResumedAfterItsPromptTheRunAsksTheModelAndSubmitsNothing) {
  services_.answers = {Answer(Text("hi"))};
  Start(Resumed("{}", R"([{"role":"user","content":[{"type":"text","text":"hello"}]}])", ""));
  const Json result = Ended();
  EXPECT_EQ(services_.points, (std::vector<std::string>{"Message", "TextBlock", "Stop"}));
  EXPECT_EQ(result["num_turns"].AsInt(), 2);
  EXPECT_EQ(result["usage"]["input_tokens"].AsInt(), 20);
  EXPECT_EQ(result["cost_usd"].AsDouble(), 1.0);
}

TEST_F(AgentLoopTest, ResumedBeforeItsToolsTheRunMakesTheCalls) {
  services_.answers = {Answer(Text("done"))};
  Start(Resumed("{}", Asked({{"t1", "Write"}, {"t2", "Read"}})));
  (void)Ended();
  EXPECT_EQ(services_.calls, (std::vector<std::string>{"Write {}", "Read {}"}));
  EXPECT_EQ(services_.requests.size(), 1U);
}

TEST_F(AgentLoopTest, ResumedBetweenItsToolsTheRunMakesOnlyWhatNeverBegan) {
  services_.answers = {Answer(Text("done"))};
  Start(Resumed(R"({"t1":{"state":"done","result":{"content":[{"type":"text","text":"kept"}],"is_error":false},
                  "is_error":false},"t2":{"state":"unknown"}})",
                Asked({{"t1", "Write"}, {"t2", "Write"}, {"t3", "Read"}})));
  (void)Ended();
  EXPECT_EQ(services_.calls, (std::vector<std::string>{"Read {}"}));
  const Json answers = Message(0);
  const JsonView content = answers["content"];
  ASSERT_EQ(content.size(), 3U);
  EXPECT_EQ(content[0]["content"][0]["text"].AsString(), "kept");
  EXPECT_TRUE(content[1]["is_error"].AsBool());
  EXPECT_NE(content[1]["content"][0]["text"].AsString().find("unknown"), std::string_view::npos);
  EXPECT_EQ(content[2]["tool_use_id"].AsString(), "t3");
}

TEST_F(AgentLoopTest, StoredResultsAnswerOneMessageOnly) {
  services_.answers = {Answer(ToolUse({{"t1", "Write"}}), "tool_use"), Answer(Text("done"))};
  Start(Resumed(R"({"t1":{"state":"unknown"}})", Asked({{"t1", "Write"}})));
  (void)Ended();
  EXPECT_EQ(services_.calls, (std::vector<std::string>{"Write {}"}));
}

TEST_F(AgentLoopTest, ResumedBeforeItsEndTheRunOnlyStops) {
  Start(Resumed("{}", R"([{"role":"assistant","content":[{"type":"text","text":"all done"}]}])", "end_turn"));
  const Json result = Ended();
  EXPECT_EQ(services_.points, (std::vector<std::string>{"Stop"}));
  EXPECT_EQ(result["text"].AsString(), "all done");
  EXPECT_EQ(result["num_turns"].AsInt(), 1);
}

TEST_F(AgentLoopTest, CallsOfACutMessageAreNotMadeAfterAResumeEither) {
  Start(Resumed("{}", Asked({{"t1", "Write"}}), "max_tokens"));
  EXPECT_EQ(Ended()["stop_reason"].AsString(), "max_tokens");
  EXPECT_TRUE(services_.calls.empty());
}

TEST_F(AgentLoopTest, TurnsBeforeTheCrashCount) {
  Start(std::string(Resumed("{}", Asked({{"t1", "Write"}}))).insert(1, R"("max_turns":1,)"));
  EXPECT_EQ(Ended()["stop_reason"].AsString(), "max_turns");
  EXPECT_TRUE(services_.requests.empty());
}

TEST_F(AgentLoopTest, MessageOfTheModelSaysWhatItTook) {
  services_.answers = {Answer(Text("hi"))};
  Start();
  (void)Ended();
  const Json message = Message(1);
  EXPECT_EQ(message["usage"]["output_tokens"].AsInt(), 5);
  EXPECT_EQ(message["cost_usd"].AsDouble(), 0.5);
  EXPECT_EQ(message["stop_reason"].AsString(), "end_turn");
  EXPECT_EQ(message["context_tokens"].AsInt(), 17);
  EXPECT_FALSE(static_cast<bool>(Message(0)["usage"]));
}

}  // namespace
}  // namespace tutti::loop
