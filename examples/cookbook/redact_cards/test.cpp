#include "../cookbook_test.h"

TEST(RedactCards, MasksWhatPassesTheCheckAndNothingElse) {
  Cook cook("redact_cards");
  EXPECT_EQ(*cook.plugin.OnPoint("UserPromptSubmit", R"({"prompt":"pay with 4111 1111-1111 1111, \u00e92"})"),
            R"({"patch":{"prompt":"pay with **** ****-**** 1111, \u00e92"}})");
  EXPECT_EQ(*cook.plugin.OnPoint("UserPromptSubmit", R"({"prompt":"order 4111111111111112 of 2024"})"), "");
  EXPECT_EQ(*cook.plugin.OnPoint("PostToolUse", R"({"tool_response":{"n":4111111111111111,"t":"x4111111111111111"}})"),
            R"({"patch":{"tool_response":{"n":4111111111111111,"t":"x************1111"}}})");
  EXPECT_EQ(cook.host.records().Metric("redacted_payloads_total"), 2);
}
