#include <gtest/gtest.h>

#include "tutti/sdk/testing/library.hpp"

// No worker threads: nothing runs but inside Pump and Advance, so the order is the test's.
class CommandCppTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(plugin_.Start(R"({"word":"Hello","pause_ms":1000})").ok()); }

  tutti::testing::FakeHost host_{{.workers = 0}};
  tutti::testing::LoadedPlugin plugin_ = tutti::testing::LoadLibrary(host_, TUTTI_PLUGIN_LIBRARY);
};

TEST_F(CommandCppTest, GreetsAfterItsPause) {
  tutti::testing::RunningCall call = plugin_.BeginInvoke("command_cpp.greet", R"({"name":"Ada"})");
  host_.executor().Pump();
  EXPECT_EQ(call.TakeEvents(), std::vector<std::string>{R"({"step":"thinking"})"});
  EXPECT_FALSE(call.is_over());
  host_.executor().Advance(std::chrono::milliseconds(1000));
  const tutti::Result<std::string> result = call.Wait();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(*result, R"({"greeting":"Hello, Ada!"})");
}

TEST_F(CommandCppTest, EndsWhenItIsCancelled) {
  tutti::testing::RunningCall call = plugin_.BeginInvoke("command_cpp.greet", R"({"name":"Ada"})");
  host_.executor().Pump();
  call.Cancel();
  host_.executor().Advance(std::chrono::milliseconds(1000));
  EXPECT_EQ(call.Wait().status().code(), tutti::Code::kCancelled);
}
