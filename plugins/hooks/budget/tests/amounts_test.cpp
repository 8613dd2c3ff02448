#include "amounts.h"

#include <gtest/gtest.h>

#include <limits>

namespace tutti::budget {
namespace {

std::optional<std::int64_t> From(Resource resource, const std::string& json) {
  const Result<Json> number = Json::Parse(json);
  return FromNumber(resource, number->view());
}

TEST(Amounts, DollarsAreWholePicodollars) {
  EXPECT_EQ(From(Resource::kCost, "0.000000000001"), 1);
  EXPECT_EQ(From(Resource::kCost, "2.5"), 2'500'000'000'000);
  EXPECT_EQ(ToNumber(Resource::kCost, 2'500'000'000'000), "2.5");
  EXPECT_EQ(ToNumber(Resource::kCost, 3'000'000'000'000), "3.0");
  EXPECT_EQ(ToNumber(Resource::kCost, -1), "-0.000000000001");
}

TEST(Amounts, WhatCannotBeCountedIsAbsent) {
  EXPECT_EQ(From(Resource::kToolCalls, "-1"), std::nullopt);
  EXPECT_EQ(From(Resource::kCost, "1e9"), std::nullopt);
  EXPECT_EQ(From(Resource::kToolCalls, "\"7\""), std::nullopt);
  EXPECT_EQ(From(Resource::kToolCalls, "7"), 7);
}

TEST(Amounts, ASumThatDoesNotFitStaysAtTheHighest) {
  Amounts sum;
  sum[Resource::kCost] = std::numeric_limits<std::int64_t>::max() - 1;
  Amounts more;
  more[Resource::kCost] = 5;
  sum += more;
  EXPECT_EQ(sum[Resource::kCost], std::numeric_limits<std::int64_t>::max());
}

TEST(Amounts, EveryResourceIsFoundByItsName) {
  for (std::size_t i = 0; i < kResources; ++i) {
    EXPECT_EQ(FindResource(NameOf(static_cast<Resource>(i))), static_cast<Resource>(i)) << i;
  }
  EXPECT_EQ(FindResource("cost"), std::nullopt);
}

TEST(Amounts, WordsHaveUnits) {
  EXPECT_EQ(InWords(Resource::kCost, 450'000'000'000), "0.45 USD");
  EXPECT_EQ(InWords(Resource::kCost, 1'000'000), "0.000001 USD");
  EXPECT_EQ(InWords(Resource::kToolCalls, 5), "5 tool calls");
  EXPECT_EQ(InWords(Resource::kWallTime, 86'400'000), "24.0 h of work");
  EXPECT_EQ(InWords(Resource::kWallTime, 1500), "1.5 s of work");
}

}  // namespace
}  // namespace tutti::budget
