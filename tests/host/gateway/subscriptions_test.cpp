#include "host/gateway/subscriptions.h"

#include <gtest/gtest.h>

#include "tests/host/gateway/fake_transport.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

using Messages = std::vector<std::string>;

class SubscriptionsTest : public testing::Test {
 protected:
  void Deliver(const std::string& stream, std::uint64_t seq, const std::string& data) {
    Event event;
    event.stream = stream;
    event.seq = seq;
    event.data = data;
    subscriptions_.OnEvents({std::make_shared<const Event>(std::move(event))});
  }

  ConnectionKey Key(std::uint64_t id) { return {&transport_, id}; }

  Messages MessagesOf(std::uint64_t id) { return transport_.WaitForMessages(id, 0); }

  // "stream from-to" of a gap message.
  static std::string Gap(const std::string& message) {
    const Result<Json> gap = Json::Parse(message);
    if (!gap.ok() || (*gap)["type"].AsString() != "gap" || !(*gap)["timestamp"].is_string()) {
      return "no gap: " + message;
    }
    return std::string((*gap)["stream"].AsString()) + " " + std::to_string((*gap)["from"].AsInt()) + "-" +
           std::to_string((*gap)["to"].AsInt());
  }

  FakeTransport transport_;
  Subscriptions subscriptions_;
};

TEST_F(SubscriptionsTest, OneSendReachesAllWhoFollowTheStream) {
  subscriptions_.Add(Key(1), {"a"});
  subscriptions_.Add(Key(2), {"a", "b"});
  subscriptions_.Add(Key(3), {"b"});
  Deliver("a", 1, "x");
  EXPECT_EQ(transport_.sends(), 1U);
  Deliver("b", 1, "y");
  Deliver("c", 1, "z");
  EXPECT_EQ(transport_.sends(), 2U);
  EXPECT_EQ(MessagesOf(1), Messages{"x"});
  EXPECT_EQ(MessagesOf(2), (Messages{"x", "y"}));
  EXPECT_EQ(MessagesOf(3), Messages{"y"});
}

TEST_F(SubscriptionsTest, ASlowClientGetsTheRangeItMissed) {
  subscriptions_.Add(Key(1), {"a", "b"});
  subscriptions_.Add(Key(2), {"a"});
  transport_.SetRoom(1, 1);
  Deliver("a", 1, "a1");
  Deliver("a", 2, "a2");
  Deliver("a", 0, "typing");
  Deliver("b", 7, "b7");
  Deliver("a", 3, "a3");
  EXPECT_EQ(MessagesOf(1), Messages{"a1"});
  EXPECT_EQ(MessagesOf(2), (Messages{"a1", "a2", "typing", "a3"}));
  transport_.SetRoom(1, 10);
  subscriptions_.Resume(Key(1));
  Deliver("a", 4, "a4");
  const Messages messages = MessagesOf(1);
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(Gap(messages[1]), "a 2-3");
  EXPECT_EQ(Gap(messages[2]), "b 7-7");
  EXPECT_EQ(messages[3], "a4");
}

TEST_F(SubscriptionsTest, MissingTransientEventsOnlyIsNoGap) {
  subscriptions_.Add(Key(1), {"a"});
  transport_.SetRoom(1, 0);
  Deliver("a", 0, "typing");
  transport_.SetRoom(1, 10);
  subscriptions_.Resume(Key(1));
  Deliver("a", 1, "a1");
  EXPECT_EQ(MessagesOf(1), Messages{"a1"});
}

TEST_F(SubscriptionsTest, AGapThatFindsNoRoomIsToldLater) {
  subscriptions_.Add(Key(1), {"a", "b"});
  transport_.SetRoom(1, 0);
  Deliver("a", 1, "a1");
  Deliver("b", 5, "b5");
  transport_.SetRoom(1, 1);
  subscriptions_.Resume(Key(1));
  Deliver("b", 6, "b6");
  transport_.SetRoom(1, 10);
  subscriptions_.Resume(Key(1));
  const Messages messages = MessagesOf(1);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(Gap(messages[0]), "a 1-1");
  EXPECT_EQ(Gap(messages[1]), "b 5-6");
}

TEST_F(SubscriptionsTest, WhatTheBusLostIsTold) {
  subscriptions_.Add(Key(1), {"a"});
  subscriptions_.Add(Key(2), {"a"});
  transport_.SetRoom(2, 0);
  subscriptions_.OnGap("a", 4, 9);
  ASSERT_EQ(MessagesOf(1).size(), 1U);
  EXPECT_EQ(Gap(MessagesOf(1)[0]), "a 4-9");
  transport_.SetRoom(2, 10);
  subscriptions_.Resume(Key(2));
  ASSERT_EQ(MessagesOf(2).size(), 1U);
  EXPECT_EQ(Gap(MessagesOf(2)[0]), "a 4-9");
}

TEST_F(SubscriptionsTest, ARemovedConnectionGetsNothing) {
  subscriptions_.Add(Key(1), {"a"});
  subscriptions_.Add(Key(2), {"a"});
  transport_.SetRoom(2, 0);
  Deliver("a", 1, "a1");
  subscriptions_.Remove(Key(1));
  subscriptions_.Remove(Key(2));
  transport_.SetRoom(2, 10);
  subscriptions_.Resume(Key(2));
  Deliver("a", 2, "a2");
  EXPECT_EQ(MessagesOf(1), Messages{"a1"});
  EXPECT_TRUE(MessagesOf(2).empty());
  EXPECT_EQ(transport_.sends(), 1U);
}

TEST_F(SubscriptionsTest, AConnectionTheTransportDoesNotKnowIsForgotten) {
  subscriptions_.Add(Key(1), {"a"});
  transport_.Drop(1);
  Deliver("a", 1, "a1");
  Deliver("a", 2, "a2");
  EXPECT_EQ(transport_.sends(), 1U);
}

TEST_F(SubscriptionsTest, TwoTransportsMayUseTheSameNumber) {
  FakeTransport other;
  subscriptions_.Add(Key(1), {"a"});
  subscriptions_.Add({&other, 1}, {"a"});
  Deliver("a", 1, "a1");
  subscriptions_.Remove(Key(1));
  Deliver("a", 2, "a2");
  EXPECT_EQ(MessagesOf(1), Messages{"a1"});
  EXPECT_EQ(other.WaitForMessages(1, 2), (Messages{"a1", "a2"}));
}

}  // namespace
}  // namespace tutti::host
