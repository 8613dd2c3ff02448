#include "result_text.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::orchestrator {
namespace {

TEST(ResultText, TextAndToolContentAreShownAsTheyAre) {
  EXPECT_EQ(ResultText(R"({"status":"success","text":"**hello**"})"), "**hello**");
  EXPECT_EQ(ResultText(R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"is_error":false})"),
            "a\nb");
}

TEST(ResultText, ObjectsAreListsAndRowsAreTables) {
  EXPECT_EQ(ResultText(R"({"status":"ok","count":2})"), "- status: ok\n- count: 2");
  EXPECT_EQ(ResultText(R"([{"id":"a","n":1,"deep":{"x":1}},{"id":"b","n":null,"deep":{}}])"),
            "| id | n |\n|---|---|\n| a | 1 |\n| b |  |");
  EXPECT_EQ(ResultText(R"({"total":1,"rows":[{"id":"a"}],"none":[]})"),
            "- total: 1\n\n**rows**\n\n| id |\n|---|\n| a |");
  EXPECT_EQ(ResultText(R"(["a",1,true])"), "- a\n- 1\n- true");
  EXPECT_EQ(ResultText("7"), "7");
  EXPECT_EQ(ResultText(""), "");
}

TEST(ResultText, ValueCannotEndItsCellOrLine) {
  EXPECT_EQ(ResultText(R"([{"id":"a|b\nc"}])"), "| id |\n|---|\n| a\\|b c |");
}

TEST(ResultText, LongAnswersAreCutAndSaySo) {
  const std::string text = ResultText(JsonObject()("text", std::string(50000, 'x')).Take());
  EXPECT_LT(text.size(), 21000U);
  EXPECT_NE(text.find("was cut"), std::string::npos);
  std::string rows = "[{\"n\":0}";
  for (int i = 1; i < 150; ++i) {
    rows += ",{\"n\":" + std::to_string(i) + "}";
  }
  EXPECT_NE(ResultText(rows + "]").find("50 more are not shown"), std::string::npos);
}

TEST(ResultText, WhatIsNoJsonIsShownAsItIs) {
  EXPECT_EQ(ResultText("plain words"), "plain words");
}

}  // namespace
}  // namespace tutti::orchestrator
