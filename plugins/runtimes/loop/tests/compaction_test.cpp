#include "compaction.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::loop {
namespace {

TEST(Compaction, IsDueFromItsShareOfTheContextOn) {
  const CompactionLimits limits{.context_tokens = 1000, .at_percent = 80};
  EXPECT_FALSE(limits.IsReachedBy(799));
  EXPECT_TRUE(limits.IsReachedBy(800));
}

TEST(Compaction, IsNeverDueWhereTheContextIsUnknownOrTheShareIsZero) {
  EXPECT_FALSE((CompactionLimits{.context_tokens = 0, .at_percent = 80}).IsReachedBy(1'000'000));
  EXPECT_FALSE((CompactionLimits{.context_tokens = 1000, .at_percent = 0}).IsReachedBy(1'000'000));
}

TEST(Compaction, ContextIsThatOfTheModelByIdAliasOrDefault) {
  constexpr std::string_view kModels = R"({"default":"small","models":[
    {"id":"large","aliases":["big","huge"],"context_tokens":1000000},
    {"id":"small","aliases":[],"context_tokens":200000}]})";
  EXPECT_EQ(ContextOf(kModels, "large"), 1000000);
  EXPECT_EQ(ContextOf(kModels, "huge"), 1000000);
  EXPECT_EQ(ContextOf(kModels, ""), 200000);
  EXPECT_EQ(ContextOf(kModels, "other"), 200000);
  EXPECT_EQ(ContextOf(R"({"models":[]})", "other"), 0);
  EXPECT_EQ(ContextOf("no JSON", "small"), 0);
}

TEST(Compaction, InstructionsOfTheUserAreInTheRequest) {
  const Json content = std::move(*Json::Parse(SummaryRequestContent("keep \"names\"")));
  const std::string_view text = content.view()[0]["text"].AsString();
  EXPECT_TRUE(text.ends_with("keep \"names\""));
  EXPECT_EQ(Json::Parse(SummaryRequestContent(""))->view()[0]["text"].AsString().find("The user adds"),
            std::string_view::npos);
}

TEST(Compaction, SummaryStandsInTheMessageTheConversationGoesOnFrom) {
  const Json content = std::move(*Json::Parse(SummaryContent("all that was")));
  EXPECT_TRUE(content.view()[0]["text"].AsString().ends_with("all that was"));
}

}  // namespace
}  // namespace tutti::loop
