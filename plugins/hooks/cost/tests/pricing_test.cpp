#include "pricing.h"

#include <gtest/gtest.h>

namespace tutti::cost {
namespace {

std::string Cost(const char* call) {
  Pricing pricing;
  const Result<Json> table = Json::Parse(R"([{"id":"m","input":1,"output":1},{"id":"both","input":1,"output":1}])");
  const Result<Json> prices = Json::Parse(R"([{"id":"both","input":5,"output":5}])");
  EXPECT_TRUE(pricing.Configure(table->view(), prices->view()).ok());
  const Result<Json> json = Json::Parse(call);
  return pricing.Cost(json->view()).value_or("unknown");
}

TEST(Pricing, OperatorThenModelPluginThenTable) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"model":"m","usage":{"input_tokens":1000000},"cost_usd":null})", "1.0"},
      {R"({"model":"m","usage":{"input_tokens":1000000},"cost_usd":0.25})", "0.25"},
      {R"({"model":"both","usage":{"input_tokens":1000000},"cost_usd":0.25})", "5.0"},
      {R"({"model":"other","usage":{"input_tokens":1000000},"cost_usd":0})", "0"},
      {R"({"model":"other","usage":{"input_tokens":1000000},"cost_usd":null})", "unknown"},
      {R"({"model":"other","requested_model":"m","usage":{"input_tokens":1000000}})", "1.0"},
      {R"({"model":"other","requested_model":"","usage":{}})", "unknown"},
  };
  for (const auto& [call, expected] : cases) {
    EXPECT_EQ(Cost(call), expected) << call;
  }
}

}  // namespace
}  // namespace tutti::cost
