#include "holds.h"

#include <gtest/gtest.h>

namespace tutti::budget {
namespace {

const Scope kRun{ScopeKind::kRun, "r"};
const Scope kServer{ScopeKind::kServer, ""};

Amounts Cost(std::int64_t amount) {
  Amounts amounts;
  amounts[Resource::kCost] = amount;
  return amounts;
}

std::int64_t SumOf(const Holds& holds, const Scope& scope, std::uint64_t read) {
  return holds.SumOf(scope, read, "").amounts[Resource::kCost];
}

TEST(Holds, WhatIsReservedCountsForEveryScopeOfIt) {
  Holds holds;
  holds.Reserve("a", "r", {kRun, kServer}, Cost(3), false, 0);
  holds.Reserve("b", "s", {{ScopeKind::kRun, "s"}, kServer}, Cost(4), false, 0);
  const std::uint64_t read = holds.BeginRead();
  EXPECT_EQ(SumOf(holds, kRun, read), 3);
  EXPECT_EQ(SumOf(holds, kServer, read), 7);
  EXPECT_EQ(holds.SumOf(kServer, read, "a").amounts[Resource::kCost], 4);
  EXPECT_TRUE(holds.SumOf(kServer, read, "").is_certain);
  holds.Release("b");
  EXPECT_EQ(SumOf(holds, kServer, read), 3);
}

TEST(Holds, WhatIsSettledIsWhatItTook) {
  Holds holds;
  holds.Reserve("a", "r", {kRun}, Cost(10), false, 0);
  holds.Settle("a", "r", {kRun}, Cost(2), 0);
  const std::uint64_t read = holds.BeginRead();
  EXPECT_EQ(SumOf(holds, kRun, read), 2);
  EXPECT_FALSE(holds.SumOf(kRun, read, "").is_certain) << "it may be in the rows by now";
}

TEST(Holds, AReadThatBeganBeforeTheCommitMayHaveMissedIt) {
  Holds holds;
  holds.Settle("a", "r", {kRun}, Cost(2), 0);
  const std::uint64_t before = holds.BeginRead();
  holds.Store("a");
  const std::uint64_t behind = holds.BeginRead();
  EXPECT_EQ(SumOf(holds, kRun, before), 2);
  EXPECT_EQ(SumOf(holds, kRun, behind), 0);
  EXPECT_EQ(holds.size(), 1U);
  holds.EndRead(before);
  EXPECT_EQ(holds.size(), 0U) << "nobody can have missed it any more";
  holds.EndRead(behind);
}

TEST(Holds, WithoutAReadWhatIsStoredIsForgottenAtOnce) {
  Holds holds;
  holds.Settle("a", "r", {kRun}, Cost(2), 0);
  holds.Store("a");
  EXPECT_EQ(holds.size(), 0U);
  holds.Store("a");  // told twice
}

TEST(Holds, WhatWasAskedAboutAndNotTakenIsToldOnce) {
  Holds holds;
  holds.Reserve("a", "r", {kRun}, Cost(1), true, 0);
  holds.Reserve("b", "r", {kRun}, Cost(1), true, 0);
  holds.Settle("b", "r", {kRun}, Cost(1), 0);
  EXPECT_EQ(holds.ReleaseAsked("other"), 0U);
  EXPECT_EQ(holds.ReleaseAsked("r"), 1U);
  EXPECT_EQ(holds.ReleaseAsked("r"), 0U);
}

TEST(Holds, ARunThatEndsLeavesOnlyWhatItTook) {
  Holds holds;
  holds.Reserve("a", "r", {kRun}, Cost(1), false, 0);
  holds.Settle("b", "r", {kRun}, Cost(1), 0);
  holds.ReleaseReserved("r");
  EXPECT_EQ(holds.size(), 1U);
  holds.ForgetSettledBefore(1);
  EXPECT_EQ(holds.size(), 0U);
}

}  // namespace
}  // namespace tutti::budget
