#include <gtest/gtest.h>

#include "tests/support/manifest_defaults.h"
#include "tests/support/plugin_library.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::cost {
namespace {

using tutti::testing::FakeHost;
using tutti::testing::FakeRequest;
using tutti::testing::LoadedPlugin;

class CostPluginTest : public ::testing::Test {
 protected:
  LoadedPlugin Load(const std::map<std::string, std::string>& changes = {}) {
    LoadedPlugin plugin(host_, tutti::testing::OpenPlugin(COST_LIBRARY).create);
    const Status started = plugin.Start(tutti::testing::ManifestDefaults(COST_MANIFEST, changes));
    EXPECT_TRUE(started.ok()) << started.ToString();
    return plugin;
  }

  FakeHost host_;
};

TEST_F(CostPluginTest, PatchesTheCostOfACall) {
  LoadedPlugin plugin = Load();
  const auto reply = plugin.OnPoint(
      "model.after", R"({"model":"claude-haiku-4-5-20251001","usage":{"input_tokens":7,"output_tokens":3}})");
  EXPECT_EQ(*reply, R"({"patch":{"cost_usd":0.000022}})");
  const auto unknown = plugin.OnPoint("model.after", R"({"model":"strange","usage":{"input_tokens":7}})");
  EXPECT_EQ(*unknown, R"({"patch":{"cost_usd":null}})");
  EXPECT_EQ(plugin.OnPoint("model.after", "{").status().code(), Code::kInvalidArgument);
}

TEST_F(CostPluginTest, SaysBeforeACallWhatItsTokensWillCost) {
  LoadedPlugin plugin = Load({{"prices", R"([{"id":"mine","input":1,"output":2}])"}});
  const auto prices = [&](std::string_view payload) {
    const auto reply = plugin.OnPoint("model.before", std::string(payload));
    return std::string(JsonMember(JsonMember(*reply, "patch"), "prices"));
  };
  EXPECT_EQ(prices(R"({"model":"mine","input_tokens_estimate":9,"prices":{"input":7,"output":7}})"),
            R"({"input":1.0,"output":2.0,"cache_write":1.25,"cache_read":0.1})");
  EXPECT_EQ(prices(R"({"model":"claude-haiku-4-5","prices":{"input":0,"output":0}})"), R"({"input":0,"output":0})");
  EXPECT_EQ(prices(R"({"model":"claude-haiku-5-5-x","input_tokens_estimate":100001,"prices":null})"),
            R"({"input":0.5,"output":2.5,"cache_write":0.625,"cache_read":0.05})");
  EXPECT_EQ(prices(R"({"model":"strange","prices":null})"), "null");
}

TEST_F(CostPluginTest, CountsTokensApartAndCallsOfUnknownPrice) {
  LoadedPlugin plugin = Load();
  tutti_event event{};
  event.size = sizeof event;
  event.type = Str("model.after");
  event.data = Str(R"({"model":"m","cost_usd":0.5,"usage":{"input_tokens":1,"output_tokens":2,)"
                   R"("cache_read_input_tokens":3,"cache_creation_input_tokens":4}})");
  tutti_event unpriced = event;
  unpriced.data = Str(R"({"model":"m","cost_usd":null,"usage":{}})");
  ASSERT_TRUE(plugin.OnEvents({event, unpriced}));
  const auto& records = host_.records();
  EXPECT_EQ(records.Metric("model_cost_usd_total", R"({"model":"m"})"), 0.5);
  EXPECT_EQ(records.Metric("model_unpriced_calls_total", R"({"model":"m"})"), 1);
  const std::pair<const char*, double> tokens[] = {{"input", 1}, {"output", 2}, {"cache_read", 3}, {"cache_write", 4}};
  for (const auto& [kind, count] : tokens) {
    const std::string labels = JsonObject()("model", "m")("kind", kind).Take();
    EXPECT_EQ(records.Metric("model_tokens_total", labels), count) << kind;
  }
}

TEST_F(CostPluginTest, ReportsASessionInOneQuery) {
  host_.OnStore([](const FakeRequest&) {
    return Result<std::string>(R"({"results":[{"count":1,"rows":[{"agent":"s","runs":1,"cost_usd":0.5}]}]})");
  });
  LoadedPlugin plugin = Load();
  const auto report = plugin.Invoke("cost.report", R"({"session":"s"})");
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ((*Json::Parse(*report))["total"]["cost_usd"].AsDouble(), 0.5);
  EXPECT_EQ(host_.Requests("store").size(), 1U);
}

TEST_F(CostPluginTest, ListsItsPrices) {
  LoadedPlugin plugin = Load({{"prices", R"([{"id":"mine","input":1,"output":2}])"}});
  const auto prices = plugin.Invoke("cost.prices", "{}");
  ASSERT_TRUE(prices.ok());
  EXPECT_EQ((*Json::Parse(*prices))["prices"][0]["id"].AsString(), "mine");
  EXPECT_GE((*Json::Parse(*prices))["table"].size(), 8U);
}

}  // namespace
}  // namespace tutti::cost
