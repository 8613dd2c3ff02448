#include "cost_ledger.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tutti::guard {
namespace {

TEST(CostLedger, ARunIsRefusedAtItsCeilingAndOthersAreNot) {
  CostLedger ledger({.run_usd = 1});
  ledger.Add("a", 0.5);
  EXPECT_EQ(ledger.Refusal("a"), "");
  ledger.Add("a", 0.5);
  EXPECT_NE(ledger.Refusal("a").find("ceiling of 1.00 USD is reached"), std::string::npos);
  EXPECT_EQ(ledger.Refusal("b"), "");
}

TEST(CostLedger, TheProcessCeilingCountsEveryCall) {
  CostLedger ledger({.process_usd = 1});
  ledger.Add("a", 0.6);
  ledger.Add("", 0.6);
  EXPECT_NE(ledger.Refusal("b").find("process_cost_ceiling_usd"), std::string::npos);
}

TEST(CostLedger, UnknownAndSenselessCostsCountAsConfigured) {
  CostLedger ledger({.run_usd = 1, .unknown_usd = 0.4});
  ledger.Add("a", {});
  ledger.Add("a", std::nan(""));
  EXPECT_EQ(ledger.Refusal("a"), "");
  ledger.Add("a", -5.0);
  EXPECT_NE(ledger.Refusal("a"), "");
}

TEST(CostLedger, NoCeilingNeverRefuses) {
  CostLedger ledger({});
  ledger.Add("a", 1e9);
  EXPECT_EQ(ledger.Refusal("a"), "");
}

TEST(CostLedger, TheRunNotUsedLongestIsForgotten) {
  CostLedger ledger({.run_usd = 1, .max_runs = 2});
  ledger.Add("a", 2);
  ledger.Add("b", 2);
  ledger.Add("a", 0);
  ledger.Add("c", 2);
  EXPECT_NE(ledger.Refusal("a"), "");
  EXPECT_EQ(ledger.Refusal("b"), "");
  EXPECT_NE(ledger.Refusal("c"), "");
}

}  // namespace
}  // namespace tutti::guard
