#include "../cookbook_test.h"

TEST(Countdown, TellsEachStep) {
  Cook cook("countdown");
  tutti::testing::RunningCall call = cook.plugin.BeginInvoke("countdown.run", R"({"from":2,"pause_ms":0})");
  EXPECT_EQ(*call.Wait(), R"({"done":true,"dropped":0})");
  EXPECT_EQ(call.TakeEvents(), (std::vector<std::string>{R"({"left":2})", R"({"left":1})"}));
}

TEST(Countdown, GoesOnWithoutAReaderAndStopsWhenCancelled) {
  tutti::testing::FakeHost host({.workers = 0, .event_capacity = 0});
  tutti::testing::LoadedPlugin plugin = tutti::testing::LoadLibrary(host, PluginLibrary("countdown"));
  ASSERT_TRUE(plugin.Start().ok());
  tutti::testing::RunningCall call = plugin.BeginInvoke("countdown.run", R"({"from":2,"pause_ms":1000})");
  host.executor().Pump();
  host.executor().Advance(std::chrono::milliseconds(1000));
  host.executor().Advance(std::chrono::milliseconds(1000));
  EXPECT_EQ(*call.Wait(), R"({"done":true,"dropped":2})");
  tutti::testing::RunningCall stopped = plugin.BeginInvoke("countdown.run", R"({"from":9,"pause_ms":1000})");
  host.executor().Pump();
  stopped.Cancel();
  host.executor().Advance(std::chrono::milliseconds(1000));
  EXPECT_EQ(stopped.Wait().status().message(), "the countdown was stopped at 8");
}
