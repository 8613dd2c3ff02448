#include "estimate.h"

#include <gtest/gtest.h>

namespace tutti::budget {
namespace {

Amounts Of(Amounts (*count)(JsonView, const EstimateSettings&), const std::string& json) {
  const Result<Json> payload = Json::Parse(json);
  return count(payload->view(), {.output_tokens = 100, .unknown_cost = 7});
}

TEST(Estimate, TakesTheWholePromptAsInputAndMaxTokensAsOutput) {
  const Amounts next = Of(&Estimate, R"({"input_tokens_estimate":1000,"max_tokens":500,
                                         "prices":{"input":3,"output":15,"cache_read":0.3}})");
  EXPECT_EQ(next[Resource::kModelCalls], 1);
  EXPECT_EQ(next[Resource::kInputTokens], 1000);
  EXPECT_EQ(next[Resource::kOutputTokens], 500);
  EXPECT_EQ(next[Resource::kCost], 1000LL * 3'000'000 + 500LL * 15'000'000);
}

TEST(Estimate, WithoutMaxTokensAndPricesTheSettingsCount) {
  const Amounts next = Of(&Estimate, R"({"input_tokens_estimate":1000,"max_tokens":null,"prices":null})");
  EXPECT_EQ(next[Resource::kOutputTokens], 100);
  EXPECT_EQ(next[Resource::kCost], 7);
}

TEST(Estimate, NonsenseCountsAsNothingOrTheMost) {
  const Amounts next = Of(&Estimate, R"({"input_tokens_estimate":-5,"max_tokens":99999999999999,"prices":{}})");
  EXPECT_EQ(next[Resource::kInputTokens], 0);
  EXPECT_EQ(next[Resource::kOutputTokens], 1'000'000'000);
  EXPECT_EQ(next[Resource::kCost], 0);
}

TEST(Taken, KeepsCachedTokensApart) {
  const Amounts taken = Of(&Taken, R"({"cost_usd":0.25,"usage":{"input_tokens":1,"output_tokens":2,
      "cache_read_input_tokens":3,"cache_creation_input_tokens":4}})");
  EXPECT_EQ(taken[Resource::kInputTokens], 1);
  EXPECT_EQ(taken[Resource::kOutputTokens], 2);
  EXPECT_EQ(taken[Resource::kCacheReadTokens], 3);
  EXPECT_EQ(taken[Resource::kCacheWriteTokens], 4);
  EXPECT_EQ(taken[Resource::kCost], 250'000'000'000);
  EXPECT_EQ(taken[Resource::kUnpricedCalls], 0);
}

TEST(Taken, AnUnknownCostCountsAsConfiguredAndIsCounted) {
  const Amounts taken = Of(&Taken, R"({"cost_usd":null,"usage":{}})");
  EXPECT_EQ(taken[Resource::kCost], 7);
  EXPECT_EQ(taken[Resource::kUnpricedCalls], 1);
}

}  // namespace
}  // namespace tutti::budget
