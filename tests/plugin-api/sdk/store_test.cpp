#include "tutti/sdk/store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tutti {
namespace {

TEST(Op, WritesTheVerbsOfTheStoreLanguage) {
  EXPECT_EQ(Op::Insert("a.b", R"({"x":1})").Take(), R"({"op":"insert","table":"a.b","row":{"x":1}})");
  EXPECT_EQ(Op::Delete("a.b", R"({"x":1})").Take(), R"({"op":"delete","table":"a.b","where":{"x":1}})");
  EXPECT_EQ(Op::Query("a.b")("limit", 5).Take(), R"({"op":"query","from":"a.b","limit":5})");
  EXPECT_EQ(Op::Update("a.b", "{}").Raw("set", R"({"y":2})").Take(),
            R"({"op":"update","table":"a.b","where":{},"set":{"y":2}})");
  EXPECT_EQ(Op::Append("s", "t", "{}").Take(), R"({"op":"append","stream":"s","type":"t","data":{}})");
}

TEST(Batch, JoinsOperationsInOrder) {
  Batch batch;
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.Take(), R"({"ops":[]})");
  batch.Add(Op::Query("a.b")).AddJson(R"({"op":"x"})");
  EXPECT_FALSE(batch.empty());
  EXPECT_EQ(batch.Ops(), R"([{"op":"query","from":"a.b"},{"op":"x"}])");
  EXPECT_EQ(batch.Take(), R"({"ops":[{"op":"query","from":"a.b"},{"op":"x"}]})");
}

TEST(StoreReply, CutsEachResultOut) {
  const StoreReply reply(R"({"results":[{"affected":1},{"count":2,"rows":[{"a":"]"},{"a":2}]}, {}]})");
  ASSERT_EQ(reply.size(), 3U);
  EXPECT_EQ(reply[0], R"({"affected":1})");
  EXPECT_EQ(reply.Member(0, "affected"), "1");
  EXPECT_EQ(reply.Rows(1), R"([{"a":"]"},{"a":2}])");
  EXPECT_EQ(reply[2], "{}");
  EXPECT_EQ(reply.Rows(0), "");
  EXPECT_EQ(reply[3], "{}");
  EXPECT_EQ(reply.Member(3, "rows"), "");
}

TEST(StoreReply, ViewsSurviveAMoveOfALongReply) {
  StoreReply first(R"({"results":[{"text":"long enough to be kept outside of the string object itself"}]})");
  const StoreReply second = std::move(first);
  EXPECT_EQ(second.Member(0, "text"), R"("long enough to be kept outside of the string object itself")");
}

TEST(StoreReply, OtherTextHasNoResults) {
  EXPECT_EQ(StoreReply("").size(), 0U);
  EXPECT_EQ(StoreReply("{}").size(), 0U);
  EXPECT_EQ(StoreReply(R"({"results":[]})").size(), 0U);
}

}  // namespace
}  // namespace tutti
