// Histories that are read while rows arrive.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/end_to_end/script.h"

namespace tutti::test {
namespace {

struct Event {
  std::string id;
  std::string of;  // whose order it stands in: the agent, or the chat
  std::string time;
};

class Paging : public Orchestrator {
 protected:
  void SetUp() override {
    Orchestrator::SetUp();
    SayAndWait("create everybody");
    Get("/list_agents").json().view()["agents"].ForEach([this](JsonView agent) {
      agents_.emplace_back(agent["id"].AsString());
    });
    ASSERT_EQ(agents_.size(), static_cast<std::size_t>(kCrowd)) << LastLine() << server().output();
  }

  static std::vector<Event> EventsOf(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<Event> events;
    const Json json = answer.json();
    for (const char* list : {"events", "messages"}) {
      json[list].ForEach([&](JsonView event) {
        events.push_back({.id = std::string(event["id"].AsString()),
                          .of = std::string(event["agent_id"].AsString(event["orchestrator_agent_id"].AsString())),
                          .time = std::string(event["timestamp"].AsString(event["created_at"].AsString()))});
      });
    }
    return events;
  }

  bool IsAnybodyExecuting() {
    bool is_executing = false;
    Get("/list_agents").json().view()["agents"].ForEach([&](JsonView agent) {
      is_executing |= agent["status"].AsString() == "executing";
    });
    return is_executing;
  }

  // Each page before the oldest event of the one before it, oldest first.
  std::vector<Event> ReadOn(const std::string& query, std::string before, const std::function<void()>& meanwhile) {
    std::vector<Event> all;
    while (true) {
      std::string encoded = before;
      for (std::size_t at = encoded.find('+'); at != std::string::npos; at = encoded.find('+', at)) {
        encoded.replace(at, 1, "%2B");
      }
      const std::vector<Event> page =
          EventsOf(Get("/get_events?" + query + (before.empty() ? "" : "&before=" + encoded)));
      if (page.empty()) {
        return all;
      }
      before = page.front().time;
      all.insert(all.begin(), page.begin(), page.end());
      meanwhile();
    }
  }

  std::vector<std::string> agents_;
};

using Order = std::map<std::string, std::vector<std::string>>;

Order PerSource(const std::vector<Event>& events) {
  Order order;
  for (const Event& event : events) {
    order[event.of].push_back(event.id);
  }
  return order;
}

// Each source's part stands in the whole without a hole.
void ExpectContiguous(const std::vector<Event>& part, const Order& whole) {
  for (const auto& [of, ids] : PerSource(part)) {
    const std::vector<std::string>& all = whole.at(of);
    EXPECT_NE(std::search(all.begin(), all.end(), ids.begin(), ids.end()), all.end())
        << of << ": " << testing::PrintToString(ids) << " in " << testing::PrintToString(all);
  }
}

void ExpectRisingAndDistinct(const std::vector<Event>& events) {
  std::set<std::string> ids;
  std::string last;
  for (const Event& event : events) {
    EXPECT_TRUE(ids.insert(event.id).second) << "twice: " << event.id;
    EXPECT_LE(last, event.time);
    last = event.time;
  }
}

TEST_F(Paging, W39_AnswersHaveNoRowTwiceAndNoHoleWhileRowsArrive) {
  const std::string chat = JsonObject()("orchestrator_agent_id", id_)("limit", 7).Take();
  std::vector<std::vector<Event>> logs;
  std::vector<std::vector<Event>> chats;
  Say("command everybody");
  int looks = 0;
  do {
    logs.push_back(EventsOf(Get("/get_events?event_types=agent_logs&limit=40")));
    logs.push_back(EventsOf(Get("/get_events?event_types=agent_logs&limit=40&offset=40")));
    logs.push_back(EventsOf(Get("/get_events?limit=25&event_types=agent_logs&agent_id=" + agents_[0])));
    chats.push_back(EventsOf(Post("/load_chat", chat)));
    ++looks;
  } while (looks < 3 || IsAnybodyExecuting());
  const Order whole = PerSource(EventsOf(Get("/get_events?event_types=agent_logs&limit=1000")));
  for (const std::vector<Event>& part : logs) {
    ExpectRisingAndDistinct(part);
    ExpectContiguous(part, whole);
  }
  for (const std::vector<Event>& part : chats) {
    ExpectRisingAndDistinct(part);
    EXPECT_LE(part.size(), 14U);
  }
}

TEST_F(Paging, W39_ReadingOnMeetsEachRowOnceThoughMoreArrive) {
  const std::vector<Event> before = EventsOf(Get("/get_events?limit=1000"));
  ASSERT_GT(before.size(), 60U);
  Say("command everybody");
  int said = 0;
  const std::vector<Event> read = ReadOn("limit=10", {}, [&] {
    if (++said <= 5) {
      Say("say more");
    }
  });
  ExpectRisingAndDistinct(read);
  // All that was there when the reading began is in it.
  std::set<std::string> ids;
  for (const Event& event : read) {
    ids.insert(event.id);
  }
  for (const Event& event : before) {
    EXPECT_TRUE(ids.contains(event.id)) << event.id;
  }
  // And nothing between them is missing: once nothing arrives, the pages are the whole.
  std::vector<Event> whole;
  std::vector<Event> settled;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  do {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << server().output();
    whole = EventsOf(Get("/get_events?limit=1000"));
    settled = ReadOn("limit=10", {}, [] {});
  } while (IsAnybodyExecuting() || EventsOf(Get("/get_events?limit=1000")).size() != whole.size());
  EXPECT_EQ(PerSource(settled), PerSource(whole));
  ExpectContiguous(read, PerSource(settled));
}

TEST_F(Paging, W39_LimitsAreCappedAndTimesThatAreNoneAreRefused) {
  std::string rows;
  for (int i = 0; i < 1100; ++i) {
    char text[256];
    std::snprintf(text, sizeof text,
                  "%s('00000000-0000-4000-8000-%012d','2020-01-01T00:%02d:%02d.000000+00:00',"
                  "'2020-01-01T00:00:00.000000+00:00','%s','user','orchestrator','line','{}')",
                  i == 0 ? "" : ",", i, i / 60, i % 60, id_.c_str());
    rows += text;
  }
  Execute(
      "INSERT INTO orchestrator_chat (id, created_at, updated_at, orchestrator_agent_id, sender_type, "
      "receiver_type, message, metadata) VALUES " +
      rows);
  EXPECT_EQ(EventsOf(Get("/get_events?limit=1000000")).size(), 1000U);
  const Json chat = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", 1000000).Take()).json();
  EXPECT_GE(chat["turn_count"].AsInt(), 1100);
  std::size_t lines = 0;
  chat["messages"].ForEach([&](JsonView item) {
    const std::string_view type = item["metadata"]["type"].AsString();
    lines += type == "thinking" || type == "tool_use" ? 0 : 1;
  });
  EXPECT_EQ(lines, 1000U);
  for (const char* query : {"before=yesterday", "limit=99999999999999999999", "offset=1.5"}) {
    EXPECT_EQ(Get(std::string("/get_events?") + query).status, 422) << query;
  }
}

}  // namespace
}  // namespace tutti::test
