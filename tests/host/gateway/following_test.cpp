#include "host/gateway/following.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

using Client = Following::Client;

TEST(Following, WithoutANumberOrAFilterAClientGetsMessages) {
  const Result<Following> plain = Following::Parse(R"({"first":{"a":1},"streams":["s","t","s"]})", Client::kWebSocket);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->first, R"({"a":1})");
  EXPECT_EQ(plain->streams, (std::vector<std::string>{"s", "t"}));
  EXPECT_EQ(plain->form, FrameForm::kMessage);
  EXPECT_FALSE(plain->since.has_value());
  EXPECT_EQ(Following::Parse(R"({"streams":["s"],"filter":{}})", Client::kWebSocket)->form, FrameForm::kEvent);
  EXPECT_EQ(Following::Parse(R"({"streams":["s"],"since":null})", Client::kWebSocket)->form, FrameForm::kEvent);
  EXPECT_EQ(Following::Parse(R"({"streams":["s"]})", Client::kServerSent)->form, FrameForm::kServerSent);
}

TEST(Following, ANumberAndAFilterAreRead) {
  const Result<Following> following = Following::Parse(
      R"({"first":null,"streams":["s"],"since":7,"filter":{"agent":"a","run":null,"tree":"t","types":["b","a"]}})",
      Client::kWebSocket);
  ASSERT_TRUE(following.ok());
  EXPECT_EQ(following->first, "");
  EXPECT_EQ(following->since, 7U);
  EXPECT_EQ(following->filter, (EventFilter{"a", "", "t", {"a", "b"}}));
}

TEST(Following, WhatBreaksTheFormIsNamed) {
  for (const auto& [answer, part] : {std::pair{"[]", "JSON object"},
                                     {R"({"streams":["s"],"since":-1})", "since"},
                                     {R"({"streams":["s"],"since":"7"})", "since"},
                                     {R"({"streams":["s","t"],"since":7})", "exactly one"},
                                     {R"({"streams":["s"],"filter":{"agent":7}})", "filter.agent"},
                                     {R"({"streams":["s"],"filter":{"types":"a"}})", "filter.types"}}) {
    const Result<Following> following = Following::Parse(answer, Client::kWebSocket);
    ASSERT_FALSE(following.ok()) << answer;
    EXPECT_EQ(following.status().code(), Code::kInternal);
    EXPECT_NE(following.status().message().find(part), std::string::npos) << following.status().message();
  }
}

TEST(Following, AFilterLetsThroughWhatMeetsAllOfIt) {
  Event event;
  event.type = "note";
  event.agent = "a";
  event.run = "r";
  event.tree = "/root/a/";
  EXPECT_TRUE(EventFilter{}.Lets(event));
  EXPECT_TRUE((EventFilter{"a", "r", "root", {"note", "other"}}).Lets(event));
  EXPECT_FALSE((EventFilter{.agent = "b"}).Lets(event));
  EXPECT_FALSE((EventFilter{.run = "x"}).Lets(event));
  EXPECT_FALSE((EventFilter{.tree = "roo"}).Lets(event));
  EXPECT_FALSE((EventFilter{.types = {"other"}}).Lets(event));
  // Without a tree an event belongs to that of its agent.
  event.tree.clear();
  EXPECT_TRUE((EventFilter{.tree = "a"}).Lets(event));
  EXPECT_FALSE((EventFilter{.tree = "root"}).Lets(event));
}

}  // namespace
}  // namespace tutti::host
