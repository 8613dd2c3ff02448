#include "model_table.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

Usage Tokens(std::int64_t input, std::int64_t output) {
  Usage usage;
  usage.input_tokens = input;
  usage.output_tokens = output;
  return usage;
}

std::string Cost(const ModelTable& table, std::string_view model, const Usage& usage) {
  const auto cost = table.Cost(model, usage);
  return cost ? FormatDollars(*cost) : "unknown";
}

TEST(ModelTable, EveryFamilyHasItsPrices) {
  const struct {
    const char* model;
    const char* expected;  // 10^6 each of input, output, 5m writes, 1h writes and reads
  } cases[] = {{"claude-opus-5-5", "37.2"},  {"claude-fable-5-2", "74.2"}, {"claude-sonnet-5-5", "18.6"},
               {"claude-opus-4-8", "46.75"}, {"claude-opus-4-5", "46.75"}, {"claude-sonnet-4-5", "28.05"},
               {"claude-haiku-4-5", "9.35"}};

  Usage usage = Tokens(1'000'000, 1'000'000);
  usage.cache_creation_input_tokens = 2'000'000;
  usage.cache_write_5m_tokens = 1'000'000;
  usage.cache_write_1h_tokens = 1'000'000;
  usage.cache_read_input_tokens = 1'000'000;
  for (const auto& [model, expected] : cases) {
    EXPECT_EQ(Cost(ModelTable(), model, usage), expected) << model;
    EXPECT_EQ(Cost(ModelTable(), std::string(model) + "-20260101", usage), expected) << model;
  }
}

TEST(ModelTable, SmallAmountsAreExact) {
  const ModelTable table;
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", Tokens(1, 0)), "0.0000001");
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", Tokens(0, 1)), "0.0000005");
  Usage read;
  read.cache_read_input_tokens = 1;
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", read), "0.00000001");
  EXPECT_EQ(Cost(table, "claude-sonnet-4-5", Tokens(0, 0)), "0.0");
}

TEST(ModelTable, LongPromptTierAppliesToTheWholeRequest) {
  const ModelTable table;
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", Tokens(100'000, 1000)), "0.0105");
  Usage usage = Tokens(1, 1000);
  usage.cache_read_input_tokens = 100'000;
  EXPECT_EQ(Cost(table, "claude-haiku-5-5", usage), "0.0075005");
}

TEST(ModelTable, CacheWritesWithoutSplitCountAsFiveMinutes) {
  Usage usage;
  usage.cache_creation_input_tokens = 1000;
  EXPECT_EQ(Cost(ModelTable(), "claude-sonnet-4-5", usage), "0.00375");
}

TEST(ModelTable, WebSearchesCostACentEach) {
  Usage usage;
  usage.web_search_requests = 3;
  EXPECT_EQ(Cost(ModelTable(), "claude-sonnet-4-5", usage), "0.03");
}

TEST(ModelTable, UnknownModelHasNoCost) {
  for (const char* model : {"gpt", "claude-sonnet-4-55", "claude-sonnet-4", ""}) {
    EXPECT_EQ(Cost(ModelTable(), model, Tokens(1, 1)), "unknown") << model;
  }
}

TEST(ModelTable, HugeCountsDoNotOverflow) {
  Usage usage;
  const auto json = Json::Parse(R"({"input_tokens":9223372036854775807,"output_tokens":-5,"cache_read_input_tokens":)"
                                R"(9223372036854775807,"cache_creation_input_tokens":9223372036854775807})");
  usage.Update(json->view());
  ModelTable table;
  const auto prices = Json::Parse(R"([{"id":"dear","input":1000,"output":1000,"cache_write_5m":1000,)"
                                  R"("cache_write_1h":1000,"cache_read":1000}])");
  ASSERT_TRUE(table.Configure(prices->view(), JsonView()).ok());
  EXPECT_EQ(Cost(table, "dear", usage), "3000000.0");
}

TEST(ModelTable, ConfiguredModelsAndAliasesAreAdded) {
  ModelTable table;
  const auto prices = Json::Parse(R"([{"id":"mine","input":2,"output":4,"long_prompt":{"above_tokens":10,"input":20,)"
                                  R"("output":40}},{"id":"claude-sonnet-4-5","input":1,"output":1}])");
  const auto aliases = Json::Parse(R"({"Deep":"mine"})");
  ASSERT_TRUE(table.Configure(prices->view(), aliases->view()).ok());
  EXPECT_EQ(table.Resolve("DEEP"), "mine");
  EXPECT_EQ(table.Resolve("Sonnet"), "claude-sonnet-4-5-20250929");
  EXPECT_EQ(table.Resolve("fast"), "claude-haiku-4-5-20251001");
  EXPECT_EQ(table.Resolve("Other"), "Other");
  EXPECT_EQ(Cost(table, "mine", Tokens(10, 1)), "0.000024");
  EXPECT_EQ(Cost(table, "mine", Tokens(11, 1)), "0.00026");
  EXPECT_EQ(Cost(table, "claude-sonnet-4-5-20250929", Tokens(1'000'000, 0)), "1.0");
}

TEST(ModelTable, WrongPricesAreRefused) {
  for (const char* prices : {R"([{"id":"x","input":-1,"output":1}])", R"([{"id":"x","input":1}])",
                             R"([{"input":1,"output":1}])", R"([{"id":"x","input":1,"output":1001}])"}) {
    ModelTable table;
    const auto json = Json::Parse(prices);
    EXPECT_EQ(table.Configure(json->view(), JsonView()).code(), Code::kInvalidArgument) << prices;
  }
}

TEST(ModelTable, ListsModelsWithAliasesAndPrices) {
  const auto json = Json::Parse(ModelTable().ToJson("claude-sonnet-4-5-20250929"));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["default"].AsString(), "claude-sonnet-4-5-20250929");
  bool is_found = false;
  (*json)["models"].ForEach([&](JsonView model) {
    if (model["id"].AsString() == "claude-sonnet-4-5-20250929") {
      is_found = true;
      EXPECT_EQ(model["aliases"].Dump(), R"(["sonnet","claude-sonnet-4-5"])");
      EXPECT_EQ(model["prices"].Dump(),
                R"({"input":3.0,"output":15.0,"cache_write_5m":3.75,"cache_write_1h":6.0,"cache_read":0.3})");
      EXPECT_EQ(model["max_output_tokens"].AsInt(), 32000);
    }
  });
  EXPECT_TRUE(is_found);
}

}  // namespace
}  // namespace tutti::anthropic
