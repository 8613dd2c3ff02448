#include "event_query.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

EventQuery Read(const std::string& args) {
  return EventQuery::Read(Json::Parse(args)->view());
}

TEST(EventQuery, WhatIsNamedIsAskedFor) {
  struct Case {
    const char* args;
    const char* since;
    const char* filter;
  };

  for (const Case& test : {
           Case{"{}", "", "{}"},
           {R"({"connection":"1","connections":2})", "", "{}"},
           {R"({"since":"12"})", "12", "{}"},
           {R"({"since":12})", "12", "{}"},
           {R"({"since":"latest"})", "null", "{}"},
           {R"({"agent":"a","run":"r","tree":"t"})", "", R"({"agent":"a","run":"r","tree":"t"})"},
           {R"({"types":["a,b","c"]})", "", R"({"types":["a","b","c"]})"},
           {R"({"types":[]})", "", "{}"},
       }) {
    const EventQuery query = Read(test.args);
    EXPECT_EQ(query.since, test.since) << test.args;
    EXPECT_EQ(query.filter, test.filter) << test.args;
  }
}

TEST(EventQuery, WhoAsksForNothingGetsTheFirstForm) {
  EXPECT_EQ(FollowAnswer(Read("{}"), "s", R"({"type":"hello"})", false),
            R"({"first":{"type":"hello"},"streams":["s"]})");
  EXPECT_EQ(FollowAnswer(Read("{}"), "s", {}, true), R"({"streams":["s"],"since":null,"filter":{}})");
  EXPECT_EQ(FollowAnswer(Read(R"({"since":"0"})"), "s", {}, false), R"({"streams":["s"],"since":0,"filter":{}})");
  EXPECT_EQ(FollowAnswer(Read(R"({"agent":"a"})"), "s", {}, false),
            R"({"streams":["s"],"since":null,"filter":{"agent":"a"}})");
}

TEST(EventQuery, APageIsReadWithTheSameFilter) {
  EXPECT_EQ(JournalOperation(Read(R"({"since":7,"tree":"t","types":["x"]})"), "s", 5),
            R"({"op":"journal","stream":"s","limit":5,"since":7,"tree":"t","types":["x"]})");
  EXPECT_EQ(JournalOperation(Read("{}"), "s", 5), R"({"op":"journal","stream":"s","limit":5,"since":0})");
}

TEST(EventQuery, APageSaysWhatIsNotHeldAnyMore) {
  const std::string result = R"({"count":0,"first":8,"last":9,"next":9,"events":[]})";
  EXPECT_EQ(EventPage(result, "s", 7), result);
  const Json page = *Json::Parse(EventPage(result, "s", 3));
  EXPECT_EQ(page["next"].AsInt(), 9);
  EXPECT_EQ(page["expired"]["type"].AsString(), "expired");
  EXPECT_EQ(page["expired"]["from"].AsInt(), 4);
  EXPECT_EQ(page["expired"]["to"].AsInt(), 7);
}

}  // namespace
}  // namespace tutti::orchestrator
