#include "host/dispatch/template_merge.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

Result<std::string> Listed(const char* json) {
  return std::string(json);
}

TEST(TemplateMerge, TheFirstPluginWithANameWinsAndPromptsAreLeftOut) {
  TemplateMerge merge(10);
  merge.Add("a", Listed(R"({"templates":[{"name":"scout","description":"A's","system_prompt":"secret","tools":["Read"],
      "model":"haiku","color":"blue","source":"scout.md"}]})"));
  merge.Add("b",
            Listed(R"({"templates":[{"name":"scout","description":"B's"},{"name":"builder","description":"d"}]})"));
  EXPECT_EQ(merge.ToJson(),
            R"({"templates":[{"name":"builder","description":"d","tools":null,"model":null,"color":null,"source":"",)"
            R"("plugin":"b"},{"name":"scout","description":"A's","tools":["Read"],"model":"haiku","color":"blue",)"
            R"("source":"scout.md","plugin":"a"}],"failed":[]})");
  EXPECT_EQ(merge.Names(), (std::vector<std::string>{"builder", "scout"}));
}

TEST(TemplateMerge, WhatFailedIsNamedAndTheOthersGoOn) {
  TemplateMerge merge(10);
  merge.Add("a", Status::Unavailable("disk away"));
  merge.Add("b", Listed("[]"));
  merge.Add(
      "c", Listed(R"({"templates":[{"name":""},{"name":"x","tools":"Read"},{"name":"y","model":3},{"name":"good"}]})"));
  const Result<Json> json = Json::Parse(merge.ToJson());
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(merge.Names(), std::vector<std::string>{"good"});
  const JsonView failed = (*json)["failed"];
  ASSERT_EQ(failed.size(), 5U) << failed.Dump();
  EXPECT_EQ(failed[0].Dump(), R"({"plugin":"a","error":"disk away"})");
  EXPECT_NE(failed[1]["error"].AsString().find("expected {\"templates\""), std::string_view::npos);
  EXPECT_NE(failed[3]["error"].AsString().find("template 'x': expected an array of names or null at `tools`"),
            std::string_view::npos)
      << failed[3].Dump();
}

TEST(TemplateMerge, WhatATemplateTakesAwayLimitsAndLeavesOutGoesOn) {
  TemplateMerge merge(10);
  merge.Add("a", Listed(R"({"templates":[
      {"name":"x","disallowed_tools":["Write"],"max_turns":3,"ignored":["hooks"],"error":null},
      {"name":"few","max_turns":0},{"name":"odd","disallowed_tools":"Write"}]})"));
  EXPECT_EQ(
      merge.ToJson(),
      R"({"templates":[{"name":"x","description":"","tools":null,"model":null,"color":null,"source":"",)"
      R"("disallowed_tools":["Write"],"max_turns":3,"ignored":["hooks"],"plugin":"a"}],"failed":[)"
      R"({"plugin":"a","error":"template 'few': expected a whole number of at least 1 at `max_turns`, found 0"},)"
      R"({"plugin":"a","error":"template 'odd': expected an array of names or null at `disallowed_tools`, found \"Write\""}]})");
}

TEST(TemplateMerge, ABrokenTemplateKeepsItsErrorAndItsName) {
  TemplateMerge merge(10);
  merge.Add("a", Listed(R"({"templates":[{"name":"scout","description":"","source":"s.md","error":"s.md:1: bad"}]})"));
  merge.Add("b", Listed(R"({"templates":[{"name":"scout","description":"fine"}]})"));
  EXPECT_NE(merge.ToJson().find(R"("error":"s.md:1: bad","plugin":"a")"), std::string::npos) << merge.ToJson();
}

TEST(TemplateMerge, MoreThanTheMostIsReported) {
  TemplateMerge merge(1);
  merge.Add("a", Listed(R"({"templates":[{"name":"one"},{"name":"two"}]})"));
  EXPECT_EQ(merge.Names(), std::vector<std::string>{"one"});
  EXPECT_NE(merge.ToJson().find("lists 2 templates, of which the first 1 are taken"), std::string::npos);
}

}  // namespace
}  // namespace tutti::host
