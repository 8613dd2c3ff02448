#include "breach.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tutti::budget {
namespace {

class BreachTest : public ::testing::Test {
 protected:
  void Configure(const std::string& json) {
    const Result<Json> list = Json::Parse(json);
    ASSERT_TRUE(limits_.Configure(list->view()).ok());
  }

  std::optional<Breach> Find(Action action, const Amounts& next, Besides besides = {}) {
    return FindBreach(DemandsOf(limits_.For(facts_), facts_, action, next, "2026-11-21"), books_,
                      [&](const Demand&) { return besides; });
  }

  static Amounts One(Resource resource, std::int64_t amount) {
    Amounts amounts;
    amounts[resource] = amount;
    return amounts;
  }

  Limits limits_;
  Facts facts_ = Facts::Read("r", "a", "o", "ann", R"({"tree":"/o/p/a/"})");
  Books books_;
};

TEST_F(BreachTest, SpentReservedAndTheNextCallMustFitTogether) {
  Configure(R"([{"id":"x","scope":"run","output_tokens":100}])");
  books_.spent[{{ScopeKind::kRun, "r"}, ""}] = One(Resource::kOutputTokens, 50);
  EXPECT_FALSE(Find(Action::kModelCall, One(Resource::kOutputTokens, 20), {.reserved = 30}));
  const auto breach = Find(Action::kModelCall, One(Resource::kOutputTokens, 21), {.reserved = 30});
  ASSERT_TRUE(breach);
  EXPECT_EQ(breach->missing(), 1);
  EXPECT_EQ(breach->Sentence(),
            "run r may take 100 output tokens: 50 output tokens spent, 30 output tokens set aside for calls in flight, "
            "and the next call is estimated at 21 output tokens (limit x of tutti.hooks.budget)");
}

TEST_F(BreachTest, WhatNobodyCanEstimateMustNotBeUsedUp) {
  Configure(R"([{"scope":"run","cache_read_tokens":100}])");
  books_.spent[{{ScopeKind::kRun, "r"}, ""}] = One(Resource::kCacheReadTokens, 99);
  EXPECT_FALSE(Find(Action::kModelCall, {}));
  books_.spent[{{ScopeKind::kRun, "r"}, ""}] = One(Resource::kCacheReadTokens, 100);
  EXPECT_TRUE(Find(Action::kModelCall, {}));
}

TEST_F(BreachTest, ATreeIsEveryAgentAboveToo) {
  Configure(R"([{"scope":"tree","model_calls":2}])");
  books_.spent[{{ScopeKind::kTree, "p"}, ""}] = One(Resource::kModelCalls, 2);
  const auto breach = Find(Action::kModelCall, One(Resource::kModelCalls, 1));
  ASSERT_TRUE(breach);
  EXPECT_EQ(breach->demand.scope.id, "p");
}

TEST_F(BreachTest, ADayIsLookedUpByItself) {
  Configure(R"([{"scope":"user","period":"day","model_calls":2}])");
  books_.spent[{{ScopeKind::kUser, "ann"}, ""}] = One(Resource::kModelCalls, 50);
  EXPECT_FALSE(Find(Action::kModelCall, One(Resource::kModelCalls, 1)));
  books_.spent[{{ScopeKind::kUser, "ann"}, "2026-11-21"}] = One(Resource::kModelCalls, 2);
  EXPECT_TRUE(Find(Action::kModelCall, One(Resource::kModelCalls, 1)));
}

TEST_F(BreachTest, ARaiseCountsForItsScopeDayAndResourceAlone) {
  Configure(R"([{"id":"x","scope":"run","model_calls":2}])");
  const Scope run{ScopeKind::kRun, "r"};
  books_.spent[{run, ""}] = One(Resource::kModelCalls, 2);
  books_.raised[{"x", {ScopeKind::kRun, "other"}, "", Resource::kModelCalls}] = 5;
  books_.raised[{"x", run, "", Resource::kToolCalls}] = 5;
  const auto before = Find(Action::kModelCall, One(Resource::kModelCalls, 1));
  ASSERT_TRUE(before);
  books_.raised[{"x", run, "", Resource::kModelCalls}] = 1;
  EXPECT_FALSE(Find(Action::kModelCall, One(Resource::kModelCalls, 1)));
  const auto behind = Find(Action::kModelCall, One(Resource::kModelCalls, 2));
  ASSERT_TRUE(behind);
  EXPECT_NE(before->Key(), behind->Key()) << "a raised limit is another question";
}

TEST_F(BreachTest, EachActionMeetsItsOwnResources) {
  const struct {
    Resource resource;
    std::vector<Action> actions;
  } cases[] = {
      {Resource::kCost, {Action::kModelCall}},
      {Resource::kInputTokens, {Action::kModelCall}},
      {Resource::kCacheWriteTokens, {Action::kModelCall}},
      {Resource::kToolCalls, {Action::kToolCall, Action::kCreateAgent, Action::kStartAgent}},
      {Resource::kWallTime, {Action::kModelCall, Action::kToolCall, Action::kCreateAgent, Action::kStartAgent}},
      {Resource::kAgents, {Action::kCreateAgent}},
      {Resource::kDepth, {Action::kCreateAgent}},
      {Resource::kConcurrentAgents, {Action::kStartAgent}}};

  for (const auto& [resource, actions] : cases) {
    Configure("[{\"scope\":\"run\",\"" + std::string(NameOf(resource)) + "\":1}]");
    for (const Action action : {Action::kModelCall, Action::kToolCall, Action::kCreateAgent, Action::kStartAgent}) {
      const bool concerns = std::find(actions.begin(), actions.end(), action) != actions.end();
      EXPECT_EQ(Find(action, One(resource, 1), {.spent = kPicoDollarsPerDollar}).has_value(), concerns)
          << NameOf(resource) << " " << static_cast<int>(action);
    }
  }
}

}  // namespace
}  // namespace tutti::budget
