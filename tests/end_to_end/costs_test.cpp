// What turns cost, by the prices of the hook that says so.
#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class Costs : public Orchestrator {
 protected:
  std::vector<MorePlugin> MorePlugins() const override {
    return {{"tutti.hooks.cost", "hooks",
             "prices: [{id: rehearsal, input: 1, output: 2, cache_read: 0.1, cache_write_5m: 1.25}]"}};
  }

  std::string MoreScenes() const override {
    return R"(scenes:
  - when: {prompt: '^say with a cache$'}
    say: [{text: "cached"}]
    usage: {input_tokens: 11, output_tokens: 4, cache_read_input_tokens: 1000, cache_creation_input_tokens: 100}
)";
  }
};

TEST_F(Costs, O21_CostsAreExactAndCachedTokensAreApart) {
  SayAndWait("say with a cache");
  const int first = SayAndWait("say one");
  // (11 + 2 * 4 + 0.1 * 1000 + 1.25 * 100) + (11 + 2 * 4) millionths.
  const double expected = 0.000263;
  const Json live = client().Message(client().WaitForType("orchestrator_updated", first));
  EXPECT_DOUBLE_EQ(live["orchestrator"]["total_cost"].AsDouble(), expected);
  EXPECT_EQ(live["orchestrator"]["input_tokens"].AsInt(), 22);
  const Json stored = Get("/get_orchestrator").json();
  EXPECT_DOUBLE_EQ(stored["orchestrator"]["total_cost"].AsDouble(), expected);

  const Json report = Get("/v1/costs/" + id_).json();
  EXPECT_DOUBLE_EQ(report["total"]["cost_usd"].AsDouble(), expected) << report.view().Dump();
  EXPECT_EQ(report["total"]["runs"].AsInt(), 2);
  EXPECT_EQ(report["total"]["cache_read_tokens"].AsInt(), 1000);
  EXPECT_EQ(report["total"]["cache_write_tokens"].AsInt(), 100);
  EXPECT_EQ(report["total"]["unpriced_calls"].AsInt(-1), 0);
  EXPECT_NE(Get("/metrics").body.find("tutti_model_cost_usd_total"), std::string::npos);
}

TEST_F(Costs, O35_AgentsCostsAreCumulativeLiveAndStored) {
  CreateAgent("builder");
  const int first = CommandAndWait("builder", "work");
  const double expected = 0.000083;  // 7 + 20 + 30 tokens in, 3 + 5 + 5 out
  const int updated = client().WaitForType("agent_updated", first);
  ASSERT_GE(updated, 0);
  EXPECT_DOUBLE_EQ(client().Message(updated)["agent"]["total_cost"].AsDouble(), expected);
  EXPECT_DOUBLE_EQ(FindAgent("builder")["total_cost"].AsDouble(), expected);
}

TEST_F(Costs, O41_ReportCostSaysWhatIsBesideTheTotal) {
  SayAndWait("say with a cache");
  SayAndWait("cost");
  EXPECT_NE(LastLine().find("Cached tokens: 1,000 read, 100 written"), std::string::npos) << LastLine();
  // With what the run that asks has cost so far.
  const std::string all = "All runs of the session: $";
  const std::size_t at = LastLine().find(all);
  ASSERT_NE(at, std::string::npos) << LastLine();
  EXPECT_GE(std::stod(LastLine().substr(at + all.size())), 0.0002) << LastLine();
}

}  // namespace
}  // namespace tutti::test
