// Replay and the change to live events, over the real bus, store and executor; the journal is in memory.
#include "host/gateway/event_streams.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "tests/host/gateway/fake_transport.h"
#include "tests/host/gateway/memory_journal.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

using Messages = std::vector<std::string>;

constexpr EventStreams::Settings kSettings{.page = 16,
                                           .readers = 2,
                                           .recent_events = 32,
                                           .recent_bytes = 1 << 20,
                                           .heartbeat = std::chrono::milliseconds(0),
                                           .retry = std::chrono::milliseconds(1)};

std::uint64_t Number(std::string_view frame, std::string_view name) {
  return std::strtoull(std::string(JsonMember(frame, name)).c_str(), nullptr, 10);
}

class EventStreamsTest : public testing::Test {
 protected:
  void Start(const EventStreams::Settings& settings = kSettings) {
    routes_.Set(journal_.MakeTable());
    streams_ = std::make_shared<EventStreams>(EventStreams::Services{events_, store_, executor_}, settings);
    events_.Subscribe(streams_);
  }

  ~EventStreamsTest() override {
    executor_.Stop();
    events_.Unsubscribe(streams_.get());
    routes_.Set(nullptr);
  }

  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      journal_.Append();
    }
  }

  // Appends and announces.
  void Publish(const std::string& type = "note", const std::string& agent = {}, const std::string& tree = {}) {
    events_.Publish(journal_.Append(type, agent, tree));
  }

  ConnectionKey Key(std::uint64_t id) { return {&transport_, id}; }

  void Follow(std::uint64_t id, std::optional<std::uint64_t> since, EventFilter filter = {},
              FrameForm form = FrameForm::kEvent) {
    Following following;
    following.streams = {"s"};
    following.since = since;
    following.filter = std::move(filter);
    following.form = form;
    streams_->Follow(Key(id), std::make_shared<const Following>(following), [] { return false; });
  }

  void Settle() {
    std::promise<void> done;
    events_.After([&done] { done.set_value(); });
    ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  }

  // Waits for that many frames; the numbers of those that are events.
  std::vector<std::uint64_t> Numbers(std::uint64_t id, std::size_t count) {
    std::vector<std::uint64_t> numbers;
    for (const std::string& frame : transport_.WaitForMessages(id, count)) {
      numbers.push_back(Number(frame, "seq"));
    }
    return numbers;
  }

  static std::vector<std::uint64_t> Range(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> range;
    for (std::uint64_t number = from; number <= to; ++number) {
      range.push_back(number);
    }
    return range;
  }

  Executor executor_{{2, 65536}};
  CallTable calls_{executor_, {}};
  Routes routes_;
  EventBus events_{executor_, 65536};
  Store store_{executor_, calls_, routes_, events_};
  MemoryJournal journal_{executor_, calls_};
  FakeTransport transport_;
  std::shared_ptr<EventStreams> streams_;
};

TEST_F(EventStreamsTest, StoredEventsComeFirstThenLiveOnes) {
  Start();
  Append(100);
  Follow(1, 37);
  EXPECT_EQ(Numbers(1, 63), Range(38, 100));
  Publish();
  EXPECT_EQ(Numbers(1, 64), Range(38, 101));
  EXPECT_EQ(streams_->counts().replayed_total, 63U);
  EXPECT_EQ(streams_->counts().replaying, 0U);
  EXPECT_EQ(streams_->counts().following[static_cast<std::size_t>(FrameForm::kEvent)], 1U);
}

TEST_F(EventStreamsTest, WhoIsUpToDateNeedsNoStorageWhileSomebodyCounts) {
  Start();
  Follow(1, 0);
  for (int i = 0; i < 20; ++i) {
    Publish();
  }
  EXPECT_EQ(Numbers(1, 20), Range(1, 20));
  const int pages = journal_.pages();
  Follow(2, 5);
  EXPECT_EQ(Numbers(2, 15), Range(6, 20));
  Follow(3, 20);
  Settle();
  Publish();
  EXPECT_EQ(Numbers(3, 1), Range(21, 21));
  EXPECT_EQ(journal_.pages(), pages);
}

TEST_F(EventStreamsTest, TransientEventsHaveNoNumberAndAreInNoReplay) {
  Start();
  Append(3);
  Follow(1, 0);
  Follow(2, 0, {.types = {"note"}});
  ASSERT_EQ(Numbers(1, 3), Range(1, 3));
  ASSERT_EQ(Numbers(2, 3), Range(1, 3));
  Settle();
  Event typing;
  typing.stream = "s";
  typing.type = "typing";
  typing.data = "{}";
  events_.Publish(typing);
  Publish();
  const Messages all = transport_.WaitForMessages(1, 5);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(JsonMember(all[3], "seq"), "null");
  EXPECT_EQ(JsonMember(all[3], "type"), R"("typing")");
  EXPECT_EQ(Numbers(2, 4), Range(1, 4));
}

TEST_F(EventStreamsTest, FiltersHoldForStoredAndLiveEvents) {
  Start();
  for (int i = 0; i < 40; ++i) {
    journal_.Append(i % 2 == 0 ? "even" : "odd", "a" + std::to_string(i % 4), "/root/a" + std::to_string(i % 4) + "/");
  }
  Follow(1, 0, {.agent = "a1"});
  Follow(2, 0, {.types = {"even"}});
  Follow(3, 35, {.tree = "root", .types = {"odd"}});
  EXPECT_EQ(Numbers(1, 10).size(), 10U);
  EXPECT_EQ(Numbers(2, 20).size(), 20U);
  EXPECT_EQ(Numbers(3, 3), (std::vector<std::uint64_t>{36, 38, 40}));
  Settle();
  Publish("odd", "a1", "/root/a1/");
  Publish("even", "a2", "/elsewhere/");
  EXPECT_EQ(Numbers(1, 11).back(), 41U);
  EXPECT_EQ(Numbers(2, 21).back(), 42U);
  EXPECT_EQ(Numbers(3, 4).back(), 41U);
}

TEST_F(EventStreamsTest, WhatIsNotHeldAnyMoreIsSaid) {
  Start();
  Append(50);
  journal_.Trim(31);
  Follow(1, 10);
  const Messages messages = transport_.WaitForMessages(1, 21);
  ASSERT_EQ(messages.size(), 21U);
  EXPECT_EQ(JsonMember(messages[0], "type"), R"("expired")");
  EXPECT_EQ(Number(messages[0], "from"), 11U);
  EXPECT_EQ(Number(messages[0], "to"), 30U);
  EXPECT_EQ(Number(messages[1], "seq"), 31U);
  Follow(2, 30);
  EXPECT_EQ(Numbers(2, 20), Range(31, 50));
}

TEST_F(EventStreamsTest, ANumberOfAnotherJournalIsSaidToBeOne) {
  Start();
  Append(5);
  Follow(1, 900);
  const Messages messages = transport_.WaitForMessages(1, 1);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(JsonMember(messages[0], "type"), R"("ahead")");
  EXPECT_EQ(Number(messages[0], "last"), 5U);
  Settle();
  Publish();
  EXPECT_EQ(Number(transport_.WaitForMessages(1, 2).back(), "seq"), 6U);
}

TEST_F(EventStreamsTest, ASlowClientIsReadForAsItTakes) {
  Start();
  Append(200);
  transport_.SetRoom(1, 5);
  Follow(1, 0);
  for (std::size_t taken = 5; taken < 205; taken += 5) {
    ASSERT_GE(transport_.WaitForMessages(1, std::min<std::size_t>(taken, 200)).size(),
              std::min<std::size_t>(taken, 200));
    Settle();
    transport_.SetRoom(1, 5);
    streams_->Resume(Key(1));
  }
  EXPECT_EQ(Numbers(1, 200), Range(1, 200));
}

TEST_F(EventStreamsTest, OnlySoManyPagesAreOnTheirWayAtOnce) {
  Start();
  Append(100);
  journal_.Hold();
  for (std::uint64_t id = 1; id <= 30; ++id) {
    Follow(id, 0);
  }
  Settle();
  EXPECT_EQ(journal_.held(), 2U);
  EXPECT_EQ(streams_->counts().replaying, 30U);
  // Those that go while they wait leave nothing behind.
  for (std::uint64_t id = 1; id <= 10; ++id) {
    streams_->Remove(Key(id));
  }
  journal_.Release();
  for (std::uint64_t id = 11; id <= 30; ++id) {
    EXPECT_EQ(Numbers(id, 100), Range(1, 100)) << id;
  }
  EXPECT_LE(journal_.most_at_once(), 2);
  EXPECT_TRUE(transport_.WaitForMessages(10, 0).empty());
}

TEST_F(EventStreamsTest, APageThatFailsIsReadAgain) {
  Start();
  Append(20);
  journal_.Fail(Status::Unavailable("the database is away").WithRetryAfter(std::chrono::milliseconds(1)), 3);
  Follow(1, 0);
  EXPECT_EQ(Numbers(1, 20), Range(1, 20));
}

TEST_F(EventStreamsTest, AJournalThatCannotBeReadEndsTheConnection) {
  Start();
  Append(1);
  journal_.Fail(Status(Code::kDataLoss, "the journal is damaged"), 1);
  Follow(1, 0);
  const auto close = transport_.WaitForClose(1);
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->code, 1011U);
  EXPECT_EQ(close->reason, "the journal is damaged");
}

TEST_F(EventStreamsTest, WhatTheBusDoesNotBringIsRead) {
  Start();
  Follow(1, 0);
  Publish();
  ASSERT_EQ(Numbers(1, 1), Range(1, 1));
  Append(3);  // somebody else's
  Publish();
  EXPECT_EQ(Numbers(1, 5), Range(1, 5));
  Append(2);
  Settle();
  streams_->OnGap("s", 6, 7);
  EXPECT_EQ(Numbers(1, 7), Range(1, 7));
  Settle();
  Publish();
  EXPECT_EQ(Numbers(1, 8), Range(1, 8));
}

TEST_F(EventStreamsTest, WhoHasReadWhatIsNotDeliveredYetGetsItOnce) {
  EventStreams::Settings settings = kSettings;
  settings.recent_events = 0;  // so that the second client reads
  Start(settings);
  Follow(1, 0);
  Publish();
  ASSERT_EQ(Numbers(1, 1), Range(1, 1));
  const Event second = journal_.Append();
  const Event third = journal_.Append();
  Follow(2, 0);
  ASSERT_EQ(Numbers(2, 3), Range(1, 3));
  Settle();
  events_.Publish(second);
  events_.Publish(third);
  Publish();
  EXPECT_EQ(Numbers(1, 4), Range(1, 4));
  EXPECT_EQ(Numbers(2, 4), Range(1, 4));
}

TEST_F(EventStreamsTest, IdleClientsOfServerSentEventsGetComments) {
  EventStreams::Settings settings = kSettings;
  settings.heartbeat = std::chrono::milliseconds(1);
  Start(settings);
  Follow(1, {}, {}, FrameForm::kServerSent);
  Follow(2, {}, {}, FrameForm::kEvent);
  const Messages messages = transport_.WaitForMessages(1, 4);
  ASSERT_GE(messages.size(), 4U);
  EXPECT_EQ(messages[3], ":\n\n");
  EXPECT_TRUE(transport_.WaitForMessages(2, 0).empty());
  streams_->Remove(Key(1));
  Settle();
}

// Clients come and go, take much or little, and the bus loses, repeats and withholds: whoever counts ends with every
// number once, or with a marker for what did not fit.
TEST_F(EventStreamsTest, WhateverHappensEveryNumberIsAccountedForOnce) {
  const char* given = std::getenv("TUTTI_TEST_SEED");
  const unsigned seed = given == nullptr ? std::random_device()() : static_cast<unsigned>(std::atol(given));
  std::cout << "TUTTI_TEST_SEED=" << seed << std::endl;
  std::mt19937 random(seed);
  Start();

  struct Client {
    std::uint64_t since = 0;
    bool is_slow = false;
  };

  std::map<std::uint64_t, Client> clients;
  std::vector<Event> withheld;
  std::uint64_t head = 0;
  for (int step = 0; step < 3000; ++step) {
    const unsigned choice = random() % 100;
    if (choice < 70) {
      ++head;
      const Event event = journal_.Append();
      if (choice < 2) {
        continue;  // lost
      }
      if (choice < 5) {
        withheld.push_back(event);
        continue;
      }
      events_.Publish(event);
      if (choice < 8) {
        events_.Publish(event);
      }
    } else if (choice < 74 && !withheld.empty()) {
      events_.Publish(withheld.back());
      withheld.pop_back();
    } else if (choice < 80 && clients.size() < 60) {
      const std::uint64_t id = clients.size() + 1;
      Client client{head - std::min<std::uint64_t>(head, random() % 50), random() % 2 == 0};
      if (client.is_slow) {
        transport_.SetRoom(id, random() % 10);
      }
      clients[id] = client;
      Follow(id, client.since);
    } else if (!clients.empty()) {
      const std::uint64_t id = random() % clients.size() + 1;
      if (clients[id].is_slow) {
        transport_.SetRoom(id, random() % 40);
        streams_->Resume(Key(id));
      }
    }
  }
  // One that the bus brings tells everybody who waits what has been missed.
  Publish();
  ++head;
  for (const auto& [id, client] : clients) {
    transport_.SetRoom(id, 1'000'000);
    streams_->Resume(Key(id));
    std::set<std::uint64_t> seen;
    std::size_t count = 0;
    while (seen.size() < head - client.since) {
      const Messages messages = transport_.WaitForMessages(id, count + 1);
      ASSERT_GT(messages.size(), count) << "client " << id << " has " << seen.size() << " of " << head - client.since;
      for (; count < messages.size(); ++count) {
        const std::string& frame = messages[count];
        const bool is_gap = JsonMember(frame, "type") == R"("gap")";
        const std::uint64_t from = Number(frame, is_gap ? "from" : "seq");
        const std::uint64_t to = is_gap ? Number(frame, "to") : from;
        for (std::uint64_t number = from; number <= to; ++number) {
          EXPECT_GT(number, client.since) << frame;
          EXPECT_TRUE(seen.insert(number).second) << "client " << id << ": " << frame;
        }
      }
    }
    EXPECT_EQ(*seen.rbegin(), head);
  }
}

}  // namespace
}  // namespace tutti::host
