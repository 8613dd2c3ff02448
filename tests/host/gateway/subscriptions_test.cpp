#include "host/gateway/subscriptions.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/host/gateway/fake_transport.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

using Messages = std::vector<std::string>;

class SubscriptionsTest : public testing::Test {
 protected:
  static Event Made(const std::string& stream, std::uint64_t seq, const std::string& data,
                    const std::string& type = "note", const std::string& agent = {}) {
    Event event;
    event.stream = stream;
    event.seq = seq;
    event.data = data;
    event.type = type;
    event.agent = agent;
    return event;
  }

  void Deliver(const Event& event, bool is_repeated = false) { subscriptions_.Deliver(event, is_repeated); }

  void Deliver(const std::string& stream, std::uint64_t seq, const std::string& data) {
    Deliver(Made(stream, seq, data));
  }

  ConnectionKey Key(std::uint64_t id) { return {&transport_, id}; }

  // A client of the first form.
  void Add(const ConnectionKey& key, std::vector<std::string> streams) {
    Following following;
    following.streams = std::move(streams);
    subscriptions_.Add(key, std::make_shared<const Following>(following));
  }

  // One that counts, or only filters.
  void AddFiltered(std::uint64_t id, EventFilter filter, std::optional<std::uint64_t> since = {},
                   FrameForm form = FrameForm::kEvent) {
    Following following;
    following.streams = {"a"};
    following.since = since;
    following.filter = std::move(filter);
    following.form = form;
    subscriptions_.Add(Key(id), std::make_shared<const Following>(following));
  }

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
  Subscriptions subscriptions_{[this](const ConnectionKey& key) { subscriptions_.Remove(key); }};
};

TEST_F(SubscriptionsTest, OneSendReachesAllWhoFollowTheStream) {
  Add(Key(1), {"a"});
  Add(Key(2), {"a", "b"});
  Add(Key(3), {"b"});
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
  Add(Key(1), {"a", "b"});
  Add(Key(2), {"a"});
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
  Add(Key(1), {"a"});
  transport_.SetRoom(1, 0);
  Deliver("a", 0, "typing");
  transport_.SetRoom(1, 10);
  subscriptions_.Resume(Key(1));
  Deliver("a", 1, "a1");
  EXPECT_EQ(MessagesOf(1), Messages{"a1"});
}

TEST_F(SubscriptionsTest, AGapThatFindsNoRoomIsToldLater) {
  Add(Key(1), {"a", "b"});
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
  Add(Key(1), {"a"});
  Add(Key(2), {"a"});
  transport_.SetRoom(2, 0);
  subscriptions_.DeliverGap("a", 4, 9);
  ASSERT_EQ(MessagesOf(1).size(), 1U);
  EXPECT_EQ(Gap(MessagesOf(1)[0]), "a 4-9");
  transport_.SetRoom(2, 10);
  subscriptions_.Resume(Key(2));
  ASSERT_EQ(MessagesOf(2).size(), 1U);
  EXPECT_EQ(Gap(MessagesOf(2)[0]), "a 4-9");
}

TEST_F(SubscriptionsTest, ARemovedConnectionGetsNothing) {
  Add(Key(1), {"a"});
  Add(Key(2), {"a"});
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
  Add(Key(1), {"a"});
  transport_.Drop(1);
  Deliver("a", 1, "a1");
  Deliver("a", 2, "a2");
  EXPECT_EQ(transport_.sends(), 1U);
}

TEST_F(SubscriptionsTest, TwoTransportsMayUseTheSameNumber) {
  FakeTransport other;
  Add(Key(1), {"a"});
  Add({&other, 1}, {"a"});
  Deliver("a", 1, "a1");
  subscriptions_.Remove(Key(1));
  Deliver("a", 2, "a2");
  EXPECT_EQ(MessagesOf(1), Messages{"a1"});
  EXPECT_EQ(other.WaitForMessages(1, 2), (Messages{"a1", "a2"}));
}

TEST_F(SubscriptionsTest, WhoKnowsNothingOfFiltersGetsNoTypeOfTuttisOwn) {
  Add(Key(1), {"a"});
  AddFiltered(2, {});
  Deliver(Made("a", 1, "\"x\"", "run.state"));
  Deliver(Made("a", 2, "\"y\"", "agent_log"));
  EXPECT_EQ(MessagesOf(1), Messages{"\"y\""});
  ASSERT_EQ(MessagesOf(2).size(), 2U);
  EXPECT_EQ(JsonMember(MessagesOf(2)[0], "seq"), "1");
}

TEST_F(SubscriptionsTest, ATypeOfTuttisOwnIsNoPartOfAGapOfSuchAClient) {
  Add(Key(1), {"a"});
  transport_.SetRoom(1, 0);
  Deliver("a", 1, "x");
  Deliver(Made("a", 2, "y", "run.state"));
  transport_.SetRoom(1, 10);
  subscriptions_.Resume(Key(1));
  ASSERT_EQ(MessagesOf(1).size(), 1U);
  EXPECT_EQ(Gap(MessagesOf(1)[0]), "a 1-1");
}

TEST_F(SubscriptionsTest, AnEventIsSentOnceToEverybodyWhoWantsTheSameForm) {
  AddFiltered(1, {});
  AddFiltered(2, {.agent = "x"});
  AddFiltered(3, {.types = {"note"}}, 0);
  AddFiltered(4, {.agent = "y"});
  AddFiltered(5, {}, 0, FrameForm::kServerSent);
  Deliver(Made("a", 1, "1", "note", "x"));
  EXPECT_EQ(transport_.sends(), 2U);
  for (const std::uint64_t id : {1, 2, 3, 5}) {
    EXPECT_EQ(MessagesOf(id).size(), 1U) << id;
  }
  EXPECT_TRUE(MessagesOf(4).empty());
  EXPECT_TRUE(MessagesOf(5)[0].starts_with("id: 1\nevent: note\ndata: {")) << MessagesOf(5)[0];
}

TEST_F(SubscriptionsTest, AFilteredClientsGapIsOfWhatItAskedFor) {
  AddFiltered(1, {.agent = "x"}, 0);
  transport_.SetRoom(1, 0);
  Deliver(Made("a", 1, "1", "note", "x"));
  Deliver(Made("a", 2, "2", "note", "y"));
  Deliver(Made("a", 3, "3", "note", "x"));
  Deliver(Made("a", 4, "4", "note", "y"));
  transport_.SetRoom(1, 10);
  subscriptions_.Resume(Key(1));
  ASSERT_EQ(MessagesOf(1).size(), 1U);
  EXPECT_EQ(Gap(MessagesOf(1)[0]), "a 1-3");
  EXPECT_EQ(subscriptions_.gaps(), 1U);
}

TEST_F(SubscriptionsTest, WhoCountsGetsNothingTwiceAndIsTakenOutWhenNumbersAreMissing) {
  Add(Key(1), {"a"});
  AddFiltered(2, {}, 0);
  AddFiltered(3, {}, 0);
  AddFiltered(4, {});
  Deliver(Made("a", 1, "1"));
  Deliver(Made("a", 1, "1"), true);
  EXPECT_EQ(MessagesOf(1).size(), 2U);
  EXPECT_EQ(MessagesOf(2).size(), 1U);
  EXPECT_EQ(MessagesOf(4).size(), 2U);
  transport_.SetRoom(3, 0);
  Deliver(Made("a", 2, "2"));
  // The third one's queue is full: it learns of the range when there is room.
  const auto taken = subscriptions_.TakeCounting("a", 3, 5);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].first, Key(2));
  Deliver(Made("a", 6, "6"));
  EXPECT_EQ(MessagesOf(2).size(), 2U);
  transport_.SetRoom(3, 10);
  subscriptions_.Resume(Key(3));
  ASSERT_EQ(MessagesOf(3).size(), 2U);
  EXPECT_EQ(Gap(MessagesOf(3)[1]), "a 2-6");
}

}  // namespace
}  // namespace tutti::host
