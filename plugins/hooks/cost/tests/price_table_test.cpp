#include "price_table.h"

#include <gtest/gtest.h>

#include "tests/support/manifest_defaults.h"

namespace tutti::cost {
namespace {

PriceTable Of(const std::string& entries) {
  PriceTable table;
  const Result<Json> json = Json::Parse(entries);
  const Status status = table.Add(json->view());
  EXPECT_TRUE(status.ok()) << status.ToString();
  return table;
}

PriceTable Shipped() {
  const Result<Json> config = Json::Parse(tutti::testing::ManifestDefaults(COST_MANIFEST, {}));
  return Of((*config)["table"].Dump());
}

Usage Tokens(std::int64_t input, std::int64_t output) {
  Usage usage;
  usage.input = input;
  usage.output = output;
  return usage;
}

std::string Cost(const PriceTable& table, std::string_view model, const Usage& usage) {
  const auto cost = table.Cost(model, usage);
  return cost ? FormatDollars(*cost) : "unknown";
}

TEST(PriceTable, EveryShippedModelHasItsPrices) {
  const std::pair<const char*, const char*> cases[] = {// 10^6 each of input, output, 5m writes, 1h writes and reads
                                                       {"claude-opus-5-5", "37.2"},   {"claude-fable-5-2", "74.2"},
                                                       {"claude-sonnet-5-5", "18.6"}, {"claude-opus-4-8", "46.75"},
                                                       {"claude-opus-4-5", "46.75"},  {"claude-sonnet-4-5", "28.05"},
                                                       {"claude-haiku-4-5", "9.35"}};
  Usage usage = Tokens(1'000'000, 1'000'000);
  usage.cache_write_5m = usage.cache_write_1h = usage.cache_read = 1'000'000;
  const PriceTable table = Shipped();
  for (const auto& [model, expected] : cases) {
    EXPECT_EQ(Cost(table, model, usage), expected) << model;
    EXPECT_EQ(Cost(table, std::string(model) + "-20260101", usage), expected) << model;
  }
}

TEST(PriceTable, SmallAmountsAreExact) {
  const PriceTable table = Shipped();
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", Tokens(1, 0)), "0.0000001");
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", Tokens(0, 1)), "0.0000005");
  Usage read;
  read.cache_read = 1;
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", read), "0.00000001");
  EXPECT_EQ(Cost(table, "claude-sonnet-4-5", Tokens(0, 0)), "0.0");
}

TEST(PriceTable, LongPromptTierAppliesToTheWholeRequest) {
  const PriceTable table = Shipped();
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", Tokens(100'000, 1000)), "0.0105");
  Usage usage = Tokens(1, 1000);
  usage.cache_read = 100'000;
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", usage), "0.0075005");
}

TEST(PriceTable, UnknownModelHasNoCost) {
  for (const char* model : {"gpt", "claude-sonnet-4-55", "claude-sonnet-4", ""}) {
    EXPECT_EQ(Cost(Shipped(), model, Tokens(1, 1)), "unknown") << model;
  }
}

TEST(PriceTable, LongestIdThatFitsCounts) {
  const PriceTable table = Of(R"([{"id":"m","input":1,"output":1},{"id":"m-large","input":2,"output":2}])");
  EXPECT_EQ(Cost(table, "m-2026", Tokens(1'000'000, 0)), "1.0");
  EXPECT_EQ(Cost(table, "m-large-2026", Tokens(1'000'000, 0)), "2.0");
}

TEST(PriceTable, CachePricesFollowFromTheInputAndSearchesCostACent) {
  const PriceTable table = Of(R"([{"id":"m","input":10,"output":1}])");
  Usage usage;
  usage.cache_write_5m = 1'000'000;
  EXPECT_EQ(Cost(table, "m", usage), "12.5");
  usage = {};
  usage.cache_write_1h = 1'000'000;
  EXPECT_EQ(Cost(table, "m", usage), "20.0");
  usage = {};
  usage.cache_read = 1'000'000;
  EXPECT_EQ(Cost(table, "m", usage), "1.0");
  usage = {};
  usage.web_searches = 3;
  EXPECT_EQ(Cost(table, "m", usage), "0.03");
}

TEST(PriceTable, HugeCountsDoNotOverflow) {
  const Result<Json> json =
      Json::Parse(R"({"input_tokens":9223372036854775807,"output_tokens":-5,"cache_read_input_tokens":)"
                  R"(9223372036854775807,"cache_creation_input_tokens":9223372036854775807})");
  const PriceTable table = Of(R"([{"id":"dear","input":1000,"output":1000,"cache_write_5m":1000,)"
                              R"("cache_write_1h":1000,"cache_read":1000}])");
  EXPECT_EQ(Cost(table, "dear", Usage::Read(json->view())), "3000000.0");
}

TEST(PriceTable, CacheWritesWithoutSplitCountAsFiveMinutes) {
  const Result<Json> plain = Json::Parse(R"({"cache_creation_input_tokens":1000})");
  EXPECT_EQ(Cost(Shipped(), "claude-sonnet-4-5", Usage::Read(plain->view())), "0.00375");
  const Result<Json> split = Json::Parse(R"({"cache_creation_input_tokens":1000,
      "cache_creation":{"ephemeral_5m_input_tokens":400,"ephemeral_1h_input_tokens":600}})");
  EXPECT_EQ(Cost(Shipped(), "claude-sonnet-4-5", Usage::Read(split->view())), "0.0051");
}

TEST(PriceTable, WrongPricesAreRefused) {
  for (const char* entries :
       {R"([{"id":"x","input":-1,"output":1}])", R"([{"id":"x","input":1}])", R"([{"input":1,"output":1}])",
        R"([{"id":"x","input":1,"output":1001}])", R"([{"id":"x","input":1,"output":1,"web_search":2}])",
        R"([{"id":"x","input":1,"output":1,"long_prompt":{"above_tokens":1,"input":1}}])"}) {
    PriceTable table;
    const Result<Json> json = Json::Parse(entries);
    EXPECT_EQ(table.Add(json->view()).code(), Code::kInvalidArgument) << entries;
  }
}

TEST(PriceTable, IsListedAsItIsRead) {
  const PriceTable table = Of(R"([{"id":"b","input":1,"output":2,"long_prompt":{"above_tokens":5,"input":3,"output":4}},
                                  {"id":"a","input":1,"output":2}])");
  const PriceTable again = Of(table.ToJson());
  EXPECT_EQ(again.ToJson(), table.ToJson());
  EXPECT_TRUE(table.ToJson().starts_with(R"([{"id":"a",)")) << table.ToJson();
}

}  // namespace
}  // namespace tutti::cost
