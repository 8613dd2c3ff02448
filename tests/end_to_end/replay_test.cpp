// Streams without loss: clients that come and go at random while agents work end with what a client has that stayed.
//
// The random choices follow from a seed, which is printed; TUTTI_TEST_SEED plays one again.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/support/event_client.h"

namespace tutti::test {
namespace {

using Protocol = EventClient::Protocol;
using Numbers = std::map<std::uint64_t, std::string>;  // events by number

constexpr std::chrono::milliseconds kLongPatience{60000};

unsigned Seed() {
  static const unsigned seed = [] {
    const char* given = std::getenv("TUTTI_TEST_SEED");
    const unsigned chosen = given == nullptr ? std::random_device()() : static_cast<unsigned>(std::atol(given));
    std::cout << "TUTTI_TEST_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return seed;
}

std::uint64_t Number(std::string_view object, std::string_view name) {
  return std::strtoull(std::string(JsonMember(object, name)).c_str(), nullptr, 10);
}

class EventStreams : public Orchestrator {
 protected:
  std::string HostConfig() const override { return "gateway: {replay_page: 16, recent_events: 64, heartbeat_ms: 50}"; }

  std::uint64_t Head() { return Number(Get("/v1/events?since=0&limit=1").body, "last"); }
};

class Replay : public EventStreams {
 protected:
  void SetUp() override {
    EventStreams::SetUp();
    SayAndSee("create everybody");
  }

  // Waits for the end of the turn in the journal: the fixture's own client may fall behind as any other.
  void SayAndSee(const std::string& text) {
    const std::string behind = "/v1/events?type=orchestrator_updated&limit=1&since=" + std::to_string(Head());
    Say(text);
    const auto deadline = std::chrono::steady_clock::now() + kLongPatience;
    while (JsonMember(Get(behind).body, "events") == "[]") {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no end of the turn for: " << text.substr(0, 100) << "\n"
                                                            << server().output();
    }
  }

  // All pages of /v1/events behind a number, up to another.
  Numbers ReadPages(std::uint64_t since, std::uint64_t to, const std::string& filter = {}, int limit = 100) {
    Numbers events;
    while (since < to) {
      const HttpAnswer page =
          Request(server().port(), "GET",
                  "/v1/events?since=" + std::to_string(since) + "&limit=" + std::to_string(limit) + filter);
      EXPECT_EQ(page.status, 200) << page.body;
      JsonElements(JsonMember(page.body, "events"), [&](std::string_view event) {
        if (Number(event, "seq") <= to) {
          events.emplace(Number(event, "seq"), event);
        }
      });
      const std::uint64_t next = Number(page.body, "next");
      if (page.status != 200 || next <= since) {
        break;
      }
      since = next;
    }
    return events;
  }

  // Lets all agents work until `is_enough`.
  void WorkUntil(const std::function<bool()>& is_enough) {
    while (!is_enough() && !HasFailure()) {
      SayAndSee("command everybody");
    }
  }

  // Says the last thing of all; the head when nothing happens any more.
  std::uint64_t SayTheEnd() {
    SayAndSee("say the end");
    EXPECT_TRUE(WaitUntilIdle());
    return Head();
  }

  bool WaitUntilIdle() {
    const auto deadline = std::chrono::steady_clock::now() + kLongPatience;
    std::uint64_t head = 0;
    // Idle is when no run is under way and nothing has been added since the last look.
    while (std::chrono::steady_clock::now() < deadline) {
      const bool is_idle = Rows("SELECT id FROM runs_runs WHERE status IN ('queued', 'running', 'waiting')").empty();
      const std::uint64_t now = Head();
      if (is_idle && now == head) {
        return true;
      }
      head = now;
    }
    return false;
  }
};

// One client that goes away again and again, and what it has got.
class Wanderer {
 public:
  Wanderer(std::uint16_t port, Protocol protocol, std::string filter, unsigned seed)
      : port_(port), protocol_(protocol), filter_(std::move(filter)), random_(seed) {}

  // What is to be read again after a gap.
  std::function<Numbers(std::uint64_t since, std::uint64_t to)> read_again;

  // Comes and goes until it has seen the last thing that is said; once `must_stay`, it goes no more.
  void Run(const std::atomic<bool>& must_stay, std::atomic<int>& disconnects) {
    while (error_.empty() && !has_ended_) {
      EventClient client = Connect();
      if (client.status() != (protocol_ == Protocol::kWebSocket ? 101 : 200)) {
        error_ = "refused: " + client.answer();
        return;
      }
      // Some go before anything has come.
      int stay = static_cast<int>(random_() % 12);
      while ((must_stay.load() || stay-- > 0) && !has_ended_) {
        if (!Take(client)) {
          return;
        }
      }
      ++disconnects;
    }
  }

  [[nodiscard]] const Numbers& events() const { return events_; }

  [[nodiscard]] const std::string& error() const { return error_; }

  [[nodiscard]] int gaps() const { return gaps_; }

 private:
  // Number or header, whichever way a client of its kind names it.
  EventClient Connect() {
    const std::string number = std::to_string(position_);
    if (protocol_ == Protocol::kServerSent && random_() % 2 == 0) {
      return {port_, protocol_, "since=0" + filter_, number};
    }
    return {port_, protocol_, "since=" + number + filter_};
  }

  bool Take(EventClient& client) {
    const std::optional<std::string> frame = client.Next(kLongPatience);
    if (!frame) {
      error_ = "nothing came after " + std::to_string(position_);
      return false;
    }
    const std::string_view type = JsonMember(*frame, "type");
    const std::string_view seq = JsonMember(*frame, "seq");
    if (type == R"("gap")") {
      ++gaps_;
      for (auto& [number, event] : read_again(Number(*frame, "from") - 1, Number(*frame, "to"))) {
        Add(number, event);
      }
      position_ = std::max(position_, Number(*frame, "to"));
    } else if (!seq.empty() && seq != "null") {
      if (Number(*frame, "seq") <= position_) {
        error_ = "came late or twice: " + *frame;
      }
      Add(Number(*frame, "seq"), *frame);
      position_ = Number(*frame, "seq");
    } else if (seq.empty() && type != R"("connection_established")") {
      error_ = "unexpected: " + *frame;
    }
    return error_.empty();
  }

  void Add(std::uint64_t number, const std::string& event) {
    if (!events_.emplace(number, event).second) {
      error_ = "came twice: " + event;
    }
    has_ended_ = has_ended_ || event.find(R"("message":"the end")") != std::string::npos;
  }

  const std::uint16_t port_;
  const Protocol protocol_;
  const std::string filter_;
  std::mt19937 random_;
  std::uint64_t position_ = 0;
  Numbers events_;
  std::string error_;
  bool has_ended_ = false;
  int gaps_ = 0;
};

// Whether the client has these, up to the end that it has seen.
testing::AssertionResult HasAllOf(const Wanderer& wanderer, Numbers expected) {
  if (wanderer.events().empty()) {
    return testing::AssertionFailure() << "it has none";
  }
  expected.erase(expected.upper_bound(wanderer.events().rbegin()->first), expected.end());
  if (wanderer.events() == expected) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "it has " << wanderer.events().size() << " of " << expected.size();
}

// Clients in threads of their own.
class Crowd {
 public:
  ~Crowd() { Join(); }

  Wanderer& Add(std::uint16_t port, Protocol protocol, const std::string& filter) {
    return *wanderers_.emplace_back(
        std::make_unique<Wanderer>(port, protocol, filter, Seed() + static_cast<unsigned>(wanderers_.size())));
  }

  void Start() {
    for (const auto& wanderer : wanderers_) {
      threads_.emplace_back([this, &wanderer] { wanderer->Run(must_stay_, disconnects_); });
    }
  }

  // From here on nobody goes away before the end.
  void Stay() { must_stay_ = true; }

  // REQUIRES: Stay, and that the end was said, or else their patience ends them.
  void Join() {
    Stay();
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

  [[nodiscard]] int disconnects() const { return disconnects_.load(); }

  [[nodiscard]] const std::vector<std::unique_ptr<Wanderer>>& wanderers() const { return wanderers_; }

 private:
  std::vector<std::unique_ptr<Wanderer>> wanderers_;
  std::vector<std::thread> threads_;
  std::atomic<bool> must_stay_{false};
  std::atomic<int> disconnects_{0};
};

TEST_F(Replay, ClientsThatDisconnectAtRandomEndWithWhatOneHasThatStayed) {
  EventClient stayed(server().port(), Protocol::kWebSocket, "since=0");
  Crowd crowd;
  // The last event of all is one of a chat, which all of these filters let through.
  const std::string some = "&types=agent_log,agent_status_changed,orchestrator_chat,orchestrator_updated";
  const std::vector<std::string> filters = {"", "", "", some};
  for (const std::string& filter : filters) {
    crowd.Add(server().port(), Protocol::kWebSocket, filter);
    crowd.Add(server().port(), Protocol::kServerSent, filter);
  }
  for (const auto& wanderer : crowd.wanderers()) {
    wanderer->read_again = [&](std::uint64_t since, std::uint64_t to) { return ReadPages(since, to); };
  }
  crowd.Start();
  WorkUntil([&] { return crowd.disconnects() >= 500; });
  ASSERT_TRUE(WaitUntilIdle());
  crowd.Stay();
  const std::uint64_t end = SayTheEnd();
  Numbers all;
  while (all.empty() || all.rbegin()->first < end) {
    const std::optional<std::string> frame = stayed.Next();
    ASSERT_TRUE(frame.has_value()) << "after " << (all.empty() ? 0 : all.rbegin()->first) << " of " << end;
    if (const std::uint64_t number = Number(*frame, "seq"); number != 0) {
      ASSERT_EQ(number, all.size() + 1) << *frame;
      all.emplace(number, *frame);
    }
  }
  EXPECT_EQ(ReadPages(0, end), all);
  EXPECT_EQ(ReadPages(0, end, {}, 7), all);
  const Numbers chosen = ReadPages(0, end, some);
  ASSERT_FALSE(chosen.empty());
  ASSERT_LT(chosen.size(), all.size());
  crowd.Join();
  EXPECT_GE(crowd.disconnects(), 500);
  for (std::size_t i = 0; i < crowd.wanderers().size(); ++i) {
    const Wanderer& wanderer = *crowd.wanderers()[i];
    EXPECT_EQ(wanderer.error(), "") << i;
    EXPECT_TRUE(HasAllOf(wanderer, i < 6 ? all : chosen)) << i;
  }
}

class ReplayWithSmallQueues : public Replay {
 protected:
  // One of the clients answers no ping for as long as the test takes.
  std::string TransportConfig() const override {
    return "ws_queue_frames: 2, ws_queue_bytes: 1024, ws_ping_interval_ms: 3600000, write_timeout_ms: 3600000";
  }
};

TEST_F(ReplayWithSmallQueues, WhoFallsBehindReadsTheRangeAgain) {
  // It reads nothing until the end, so that more comes than the kernel and the queue hold for it.
  EventClient stalled(server().port(), Protocol::kWebSocket, "since=0", {}, 65536);
  ASSERT_EQ(stalled.status(), 101) << stalled.answer();
  std::uint64_t position = 0;
  while (position < Head()) {
    const std::optional<std::string> frame = stalled.Next();
    ASSERT_TRUE(frame.has_value());
    position = std::max(position, Number(*frame, "seq"));
  }
  Crowd crowd;
  for (int i = 0; i < 3; ++i) {
    crowd.Add(server().port(), Protocol::kWebSocket, "");
    crowd.Add(server().port(), Protocol::kServerSent, "");
  }
  for (const auto& wanderer : crowd.wanderers()) {
    wanderer->read_again = [&](std::uint64_t since, std::uint64_t to) { return ReadPages(since, to); };
  }
  crowd.Start();
  WorkUntil([&] { return crowd.disconnects() >= 100; });
  for (int i = 0; i < 8; ++i) {
    SayAndSee("take note of " + std::string(1 << 20, 'x'));
  }
  ASSERT_TRUE(WaitUntilIdle());
  crowd.Stay();
  const std::uint64_t end = SayTheEnd();
  crowd.Join();
  const Numbers all = ReadPages(0, end);
  EXPECT_EQ(all.size(), end);
  int gaps = 0;
  for (const auto& wanderer : crowd.wanderers()) {
    EXPECT_EQ(wanderer->error(), "");
    EXPECT_TRUE(HasAllOf(*wanderer, all));
    gaps += wanderer->gaps();
  }

  // One marker with the whole range, then it is live again.
  Numbers late;
  std::uint64_t missed_from = 0;
  while (position < end) {
    const std::optional<std::string> frame = stalled.Next();
    ASSERT_TRUE(frame.has_value()) << "after " << position << " of " << end;
    if (JsonMember(*frame, "type") == R"("gap")") {
      ++gaps;
      missed_from = Number(*frame, "from");
      EXPECT_GT(missed_from, position) << *frame;
      position = Number(*frame, "to");
    } else if (const std::uint64_t number = Number(*frame, "seq"); number != 0) {
      EXPECT_EQ(number, position + 1);
      position = number;
    }
  }
  EXPECT_NE(missed_from, 0U);
  SayAndSee("say again");
  const std::optional<std::string> next = stalled.Next();
  ASSERT_TRUE(next.has_value());
  const HttpAnswer metrics = Get("/metrics");
  EXPECT_NE(metrics.body.find("tutti_stream_gaps_total"), std::string::npos);
  EXPECT_GT(gaps, 0);
}

TEST_F(Replay, TheSeamHasNeitherAGapNorARepetition) {
  constexpr int kEach = 50;
  constexpr int kThreads = 4;
  std::atomic<int> connected{0};
  std::atomic<std::uint64_t> head{Head()};
  std::vector<std::string> errors(kThreads);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(Seed() + t);
      for (int i = 0; i < kEach && errors[t].empty(); ++i, ++connected) {
        const std::uint64_t known = head.load();
        // Mostly near the end, where the stored and the live events meet.
        const std::uint64_t since = known - std::min<std::uint64_t>(known, random() % (i % 5 == 0 ? 400 : 8));
        const Protocol protocol = random() % 2 == 0 ? Protocol::kWebSocket : Protocol::kServerSent;
        EventClient client(server().port(), protocol, "since=" + std::to_string(since));
        std::uint64_t position = since;
        while (position < known + 3 && errors[t].empty()) {
          const std::optional<std::string> frame = client.Next(kLongPatience);
          const std::uint64_t number = frame ? Number(*frame, "seq") : 0;
          if (!frame || (number != 0 && number != position + 1)) {
            errors[t] = "since " + std::to_string(since) + ", after " + std::to_string(position) + ": " +
                        frame.value_or("nothing");
          }
          position = std::max(position, number);
        }
        std::uint64_t before = head.load();
        while (before < position && !head.compare_exchange_weak(before, position)) {
        }
      }
      // Nobody waits for those that have failed.
      connected += errors[t].empty() ? 0 : kEach;
    });
  }
  WorkUntil([&] { return connected.load() >= kEach * kThreads; });
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::string& error : errors) {
    EXPECT_EQ(error, "");
  }
}

TEST_F(EventStreams, AClientSaysWhatItWants) {
  const std::string agent = CreateAgent("builder");
  const std::uint64_t head = Head();
  // From now on, of one agent.
  EventClient one(server().port(), Protocol::kServerSent, "agent=" + agent);
  ASSERT_EQ(one.status(), 200);
  EXPECT_NE(one.answer().find("text/event-stream"), std::string::npos);
  EventClient latest(server().port(), Protocol::kWebSocket, "since=latest");
  ASSERT_EQ(latest.status(), 101);
  ASSERT_TRUE(latest.Next().has_value());  // the greeting
  // Both follow before anything happens: the greeting and the first comment have come.
  while (one.comments() == 0) {
    ASSERT_FALSE(one.Next(std::chrono::milliseconds(10)).has_value());
  }
  CommandAndWait("builder", "work");
  const std::optional<std::string> event = one.Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(JsonMember(*event, "agent"), JsonQuote(agent));
  EXPECT_EQ(one.last_id(), JsonMember(*event, "seq"));
  EXPECT_GT(Number(*event, "seq"), head);
  bool has_transient = false;
  bool has_durable = false;
  while (!has_transient || !has_durable) {
    const std::optional<std::string> frame = latest.Next();
    ASSERT_TRUE(frame.has_value());
    has_transient = has_transient || JsonMember(*frame, "seq") == "null";
    has_durable = has_durable || Number(*frame, "seq") > head;
  }
  // Behind the end there is another journal.
  EventClient ahead(server().port(), Protocol::kWebSocket, "since=999999999");
  ASSERT_TRUE(ahead.Next().has_value());
  const std::optional<std::string> marker = ahead.Next();
  ASSERT_TRUE(marker.has_value());
  EXPECT_EQ(JsonMember(*marker, "type"), R"("ahead")");
  EXPECT_EQ(JsonMember(*marker, "since"), "999999999");
}

TEST_F(EventStreams, WhatCannotBeMeantIsRefusedWithASentence) {
  for (const char* query : {"since=-1", "since=x", "sinc=3", "since=1&agent=a&colour=red"}) {
    const EventClient socket(server().port(), Protocol::kWebSocket, query);
    EXPECT_EQ(socket.status(), 400) << query << socket.answer();
    EXPECT_NE(socket.answer().find(R"({"detail":")"), std::string::npos) << socket.answer();
    const EventClient stream(server().port(), Protocol::kServerSent, query);
    EXPECT_EQ(stream.status(), 422) << query << stream.answer();
  }
  EXPECT_EQ(EventClient(server().port(), Protocol::kServerSent, "", "no number").status(), 422);
  EXPECT_EQ(Request(server().port(), "HEAD", "/v1/events/stream").status, 200);
  EXPECT_EQ(Request(server().port(), "POST", "/v1/events/stream", "{}").status, 405);
}

TEST_F(EventStreams, AnIdleStreamIsKeptAliveByComments) {
  EventClient client(server().port(), Protocol::kServerSent, "since=" + std::to_string(Head()));
  while (client.comments() < 3) {
    ASSERT_FALSE(client.Next(std::chrono::milliseconds(100)).has_value());
  }
}

TEST_F(EventStreams, WhoKnowsNothingOfItGetsTheContractsMessages) {
  const int said = SayAndWait("say hello");
  for (const std::string& message : client().messages()) {
    EXPECT_TRUE(JsonMember(message, "seq").empty()) << message;
    EXPECT_EQ(JsonMember(message, "type").find('.'), std::string_view::npos) << message;
  }
  EXPECT_GE(said, 0);
}

}  // namespace
}  // namespace tutti::test
