#include "limit_list.h"

#include <gtest/gtest.h>

#include "pattern.h"

namespace tutti::budget {
namespace {

Status Configure(Limits& limits, const std::string& json) {
  const Result<Json> list = Json::Parse(json);
  return limits.Configure(list->view());
}

TEST(Pattern, StarsAndQuestionMarks) {
  const struct {
    const char *pattern, *text;
    bool matches;
  } cases[] = {{"*", "", true},          {"scout", "scout", true}, {"scout", "scouts", false}, {"s*t", "scout", true},
               {"s?out", "scout", true}, {"*a*b", "xaxxab", true}, {"*a*b", "xaxx", false},    {"", "x", false},
               {"a**", "a", true},       {"?", "", false}};

  for (const auto& [pattern, text, matches] : cases) {
    EXPECT_EQ(MatchesPattern(pattern, text), matches) << pattern << " " << text;
  }
}

TEST(Limits, AllPatternsOfAMatchMustFit) {
  Limits limits;
  ASSERT_TRUE(Configure(limits, R"([{"scope":"run","match":{"agent":"sc*","user":"ann"},"tool_calls":3},
                                    {"id":"all","scope":"server","tool_calls":9}])")
                  .ok());
  const auto count = [&](const char* user, const char* name) {
    return limits.For(Facts::Read("r", "a", "o", user, JsonObject()("agent_name", name).Take())).size();
  };
  EXPECT_EQ(count("ann", "scout"), 2U);
  EXPECT_EQ(count("bob", "scout"), 1U);
  EXPECT_EQ(count("ann", "builder"), 1U);
  EXPECT_NE(limits.Find("run-1"), nullptr);
  EXPECT_EQ(limits.Find("nothing"), nullptr);
}

TEST(Limits, ALimitThatBoundsNothingIsRefused) {
  Limits limits;
  const Status status = Configure(limits, R"([{"id":"x","scope":"run"}])");
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("the limit x bounds nothing"), std::string::npos);
}

TEST(Limits, TwoOfOneIdAreRefused) {
  Limits limits;
  EXPECT_EQ(Configure(limits, R"([{"id":"x","scope":"run","agents":1},{"id":"x","scope":"user","agents":1}])").code(),
            Code::kInvalidArgument);
}

TEST(Limits, AreShownAsTheyAreConfigured) {
  Limits limits;
  ASSERT_TRUE(Configure(limits, R"([{"id":"x","scope":"user","period":"day","match":{"user":"a*"},"cost_usd":2.5,
                                     "on_breach":"deny"}])")
                  .ok());
  EXPECT_EQ(limits.ToJson(),
            R"([{"id":"x","scope":"user","period":"day","match":{"user":"a*"},"cost_usd":2.5,"on_breach":"deny"}])");
}

}  // namespace
}  // namespace tutti::budget
