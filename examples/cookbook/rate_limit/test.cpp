#include "../cookbook_test.h"

TEST(RateLimit, RefusesOneAgentWithAHintAndLetsAnotherPass) {
  Cook cook("rate_limit", R"({"calls_per_minute":3,"max_agents":2})");
  tutti::testing::CallContext context;
  const auto ask = [&](const std::string& agent) {
    context.agent = agent;
    return cook.plugin.OnPoint("PreToolUse", "{}", TUTTI_HOOK_GATE, context).status();
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(ask("a").ok());
  }
  const tutti::Status refused = ask("a");
  EXPECT_EQ(refused.code(), tutti::Code::kResourceExhausted);
  EXPECT_GT(refused.retry_after().count(), 0);
  EXPECT_LE(refused.retry_after().count(), 20000);
  EXPECT_TRUE(ask("b").ok());
  // There is no room to remember a third.
  EXPECT_EQ(ask("c").code(), tutti::Code::kResourceExhausted);
}
