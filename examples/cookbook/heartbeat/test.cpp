#include "../cookbook_test.h"

TEST(Heartbeat, BeatsAtItsTimesUntilItIsDeactivated) {
  tutti::testing::FakeHost host({.workers = 0});
  tutti::testing::LoadedPlugin plugin = tutti::testing::LoadLibrary(host, PluginLibrary("heartbeat"));
  ASSERT_TRUE(plugin.Start(R"({"every_ms":1000})").ok());
  host.executor().Advance(std::chrono::milliseconds(999));
  EXPECT_EQ(host.records().Metric("heartbeats_total"), 0);
  host.executor().Advance(std::chrono::milliseconds(1));
  host.executor().Advance(std::chrono::milliseconds(1000));
  EXPECT_EQ(host.records().Metric("heartbeats_total"), 2);
  EXPECT_EQ(*plugin.Invoke("heartbeat.beats", "{}"), R"({"beats":2})");
  plugin.Deactivate();
  const double beats = host.records().Metric("heartbeats_total");
  host.executor().Advance(std::chrono::milliseconds(10000));
  EXPECT_EQ(host.records().Metric("heartbeats_total"), beats);
}
