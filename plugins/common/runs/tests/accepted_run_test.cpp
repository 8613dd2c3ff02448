#include "accepted_run.h"

#include <gtest/gtest.h>

namespace tutti::runs {
namespace {

constexpr const char* kArgs = R"({"run":"r","conversation":"c","agent":"scout","stream":"s","model":"m","prompt":"go",
  "tree":"/o/scout/","labels":{"role":"agent"},"system":"be kind","tools":["Read"],"max_turns":7,"max_tokens":9,
  "thinking":{"type":"on"},"compact":{"trigger":"manual"},"keep_prompt":true})";

TEST(AcceptedRunTest, RowHoldsWhatTheRunNeedsToBeginAgain) {
  const Result<Json> args = Json::Parse(kArgs);
  Batch batch;
  AddAcceptance(batch, AcceptedRun::Read(args->view()), {"host-1", 15000});
  const Result<Json> ops = Json::Parse(batch.Ops());
  ASSERT_TRUE(ops.ok());
  const JsonView row = ops->view()[0]["row"];
  EXPECT_EQ(row["status"].AsString(), "queued");
  EXPECT_EQ(row["owner"].AsString(), "host-1");
  EXPECT_EQ(row["key"].AsString(), "scout");
  EXPECT_EQ(row["tree"].AsString(), "/o/scout/");
  EXPECT_GT(row["lease_until"].AsString(), row["created_at"].AsString());
  const JsonView request = row["request"];
  EXPECT_EQ(request["system"].AsString(), "be kind");
  EXPECT_EQ(request["tools"].Dump(), R"(["Read"])");
  EXPECT_EQ(request["max_turns"].AsInt(), 7);
  EXPECT_EQ(request["max_tokens"].AsInt(), 9);
  EXPECT_EQ(request["thinking"]["type"].AsString(), "on");
  EXPECT_EQ(request["compact"]["trigger"].AsString(), "manual");
  EXPECT_TRUE(request["keep_prompt"].AsBool());
  EXPECT_FALSE(static_cast<bool>(request["messages"]));
}

TEST(AcceptedRunTest, AcceptanceIsAnEventOfTheRunsStream) {
  const Result<Json> args = Json::Parse(kArgs);
  Batch batch;
  AddAcceptance(batch, AcceptedRun::Read(args->view()), {"host-1", 15000});
  const Result<Json> ops = Json::Parse(batch.Ops());
  const JsonView event = ops->view()[1];
  EXPECT_EQ(event["op"].AsString(), "append");
  EXPECT_EQ(event["stream"].AsString(), "s");
  EXPECT_EQ(event["tree"].AsString(), "/o/scout/");
  EXPECT_TRUE(event["data"]["from"].is_null());
  EXPECT_EQ(event["data"]["to"].AsString(), "queued");
  EXPECT_EQ(event["data"]["type"].AsString(), event["type"].AsString());
}

TEST(AcceptedRunTest, KeyIsTheAgentUnlessGiven) {
  const Result<Json> args = Json::Parse(R"({"run":"r","agent":"a","key":"k"})");
  EXPECT_EQ(AcceptedRun::Read(args->view()).key, "k");
  EXPECT_EQ(AcceptedRun::Read(args->view()).labels, "{}");
}

}  // namespace
}  // namespace tutti::runs
