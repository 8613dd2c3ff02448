#include "cost_rows.h"

#include <gtest/gtest.h>

namespace tutti::cost {
namespace {

TEST(CostRows, TotalIsTheExactSumOfTheRows) {
  const Result<Json> report = Json::Parse(Report("s", R"([
      {"agent":"s","model":"m","runs":2,"input_tokens":10,"output_tokens":1,"cache_read_tokens":5,"cache_write_tokens":6,
       "cost_usd":0.1,"unpriced_calls":0},
      {"agent":"a","model":null,"runs":1,"input_tokens":20,"output_tokens":2,"cache_read_tokens":0,"cache_write_tokens":0,
       "cost_usd":0.20000001,"unpriced_calls":4}])"));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ((*report)["session"].AsString(), "s");
  EXPECT_EQ((*report)["runs"].size(), 2U);
  const JsonView total = (*report)["total"];
  EXPECT_EQ(total["runs"].AsInt(), 3);
  EXPECT_EQ(total["input_tokens"].AsInt(), 30);
  EXPECT_EQ(total["cache_read_tokens"].AsInt(), 5);
  EXPECT_EQ(total["unpriced_calls"].AsInt(), 4);
  EXPECT_EQ(total["cost_usd"].Dump(), "0.30000001");
}

TEST(CostRows, ASessionWithoutRunsCostNothing) {
  const Result<Json> report = Json::Parse(Report("s", "[]"));
  EXPECT_EQ((*report)["total"]["cost_usd"].AsDouble(-1), 0);
  EXPECT_EQ((*report)["total"]["runs"].AsInt(-1), 0);
}

}  // namespace
}  // namespace tutti::cost
