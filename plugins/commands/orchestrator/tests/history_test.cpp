#include "history.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

constexpr const char* kAgent = "5b1e0000-0000-4000-8000-000000000001";

Result<EventHistory> Read(std::string_view args, std::int64_t most = 1000) {
  const Result<Json> json = Json::Parse(args);
  return EventHistory::Read(json->view(), "orc", most);
}

Json BatchOf(std::string_view args) {
  const Result<EventHistory> history = Read(args);
  EXPECT_TRUE(history.ok()) << args;
  return std::move(*Json::Parse(history->Batch()));
}

TEST(ChatHistory, AsksForLinesBlocksAndTheCountInOneOperation) {
  const Json batch = std::move(*Json::Parse(ChatHistory{.orchestrator = "orc", .limit = 300}.Batch()));
  ASSERT_EQ(batch["ops"].size(), 1U);
  const JsonView items = batch["ops"][0];
  EXPECT_TRUE(items["reverse"].AsBool());
  EXPECT_EQ(items["total"]["from"].AsString(), "orchestrator.orchestrator_chat");
  ASSERT_EQ(items["branches"].size(), 2U);
  EXPECT_EQ(items["branches"][0]["limit"].AsInt(), 300);
  const JsonView blocks = items["branches"][1];
  EXPECT_EQ(blocks["limit"].AsInt(), 300);
  ASSERT_EQ(blocks["branches"].size(), 2U);
  blocks["branches"].ForEach([](JsonView branch) { EXPECT_EQ(branch["limit"].AsInt(), 300); });
  EXPECT_EQ(blocks["branches"][0]["where"].Dump(),
            R"({"metadata->orchestrator_agent_id":"orc","metadata->type":"thinking_block"})");
}

TEST(ChatHistory, RowsPassAsTheyAre) {
  const std::string rows = R"([{"id" : "a1", "created_at":"2025-11-20T10:00:00.100000+00:00","x":1.50}])";
  EXPECT_EQ(ChatHistory::Answer(StoreReply(R"({"results":[{"count":1,"total":12,"rows":)" + rows + "}]}")),
            R"({"status":"success","messages":)" + rows + R"(,"turn_count":12})");
}

TEST(EventHistory, DefaultIsAgentLogsAndChat) {
  const Json batch = BatchOf("{}");
  ASSERT_EQ(batch["ops"].size(), 1U);
  ASSERT_EQ(batch["ops"][0]["branches"].size(), 2U);
  EXPECT_EQ(batch["ops"][0]["branches"][0]["from"].AsString(), "orchestrator.agent_logs");
  EXPECT_EQ(batch["ops"][0]["branches"][1]["from"].AsString(), "orchestrator.orchestrator_chat");
  EXPECT_EQ(batch["ops"][0]["limit"].AsInt(), 50);
}

TEST(EventHistory, TypesChooseTheSourcesUnknownOnesAreIgnored) {
  const std::pair<const char*, std::size_t> cases[] = {{"agent_logs", 1},
                                                       {"system_logs", 1},
                                                       {"agent_logs,system_logs,orchestrator_chat", 3},
                                                       {"nonsense,system_logs", 1}};
  for (const auto& [types, branches] : cases) {
    const Json batch = BatchOf(JsonObject()("event_types", types).Take());
    EXPECT_EQ(batch["ops"][0]["branches"].size(), branches) << types;
  }
  EXPECT_TRUE(Read(R"({"event_types":"nonsense, agent_logs"})")->empty());
  EXPECT_TRUE(Read(R"({"limit":0})")->empty());
}

TEST(EventHistory, OneAgentHasNoNameAndNoScope) {
  const Json batch = BatchOf(JsonObject()("agent_id", kAgent)("event_types", "agent_logs").Take());
  const JsonView branch = batch["ops"][0]["branches"][0];
  EXPECT_FALSE(branch["select"]["agent_name"]);
  EXPECT_FALSE(branch["join"]);
  EXPECT_EQ(branch["where"]["l.agent_id"].AsString(), kAgent);
}

TEST(EventHistory, OneTaskBeginsWithItsFirstEntry) {
  const Json batch = BatchOf(JsonObject()("agent_id", kAgent)("task_slug", "fix")("event_types", "agent_logs").Take());
  ASSERT_EQ(batch["ops"].size(), 1U);
  EXPECT_EQ(batch["ops"][0]["from"].AsString(), "orchestrator.agent_logs");
  EXPECT_EQ(batch["ops"][0]["order"].Dump(), R"([{"by":"l.entry_index"}])");
  const Json without_agent = BatchOf(R"({"task_slug":"fix","event_types":"agent_logs"})");
  EXPECT_FALSE(without_agent["ops"][0]["branches"][0]["where"]["l.task_slug"]);
}

TEST(EventHistory, OneTaskBesideTheChatIsMergedByTime) {
  EventHistory history = *Read(JsonObject()("agent_id", kAgent)("task_slug", "fix")("limit", 2).Take());
  const StoreReply reply(R"({"results":[{"count":1,"rows":[{"id":"chat","created_at":"2025-01-01T00:00:02"}]},)"
                         R"({"count":2,"rows":[{"id":"first","timestamp":"2025-01-01T00:00:01"},)"
                         R"({"id":"last","timestamp":"2025-01-01T00:00:03"}]}]})");
  const Result<Json> answer = Json::Parse(history.Answer(reply));
  EXPECT_EQ((*answer)["count"].AsInt(), 2);
  EXPECT_EQ((*answer)["events"][0]["id"].AsString(), "chat");
  EXPECT_EQ((*answer)["events"][1]["id"].AsString(), "last");
}

TEST(EventHistory, BeforeHoldsForEverySource) {
  const Json batch = BatchOf(
      R"({"before":"2025-01-01T00:00:01.000000+00:00","event_types":"agent_logs,system_logs,orchestrator_chat"})");
  const char* columns[] = {"l.timestamp", "timestamp", "created_at"};
  ASSERT_EQ(batch["ops"][0]["branches"].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(batch["ops"][0]["branches"][i]["where"][columns[i]].Dump(),
              R"({"lt":"2025-01-01T00:00:01.000000+00:00"})")
        << i;
  }
}

TEST(EventHistory, BadArgumentsAreRefusedAndTheLimitIsCapped) {
  for (const char* args : {R"({"agent_id":"nope"})", R"({"limit":-1})", R"({"offset":-1})"}) {
    EXPECT_EQ(Read(args).status().code(), Code::kInvalidArgument) << args;
  }
  EXPECT_EQ(Read(R"({"limit":5000})", 1000)->limit, 1000);
}

}  // namespace
}  // namespace tutti::orchestrator
