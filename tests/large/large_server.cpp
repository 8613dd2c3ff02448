#include "tests/large/large_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <iostream>
#include <thread>

namespace tutti::test {
namespace {

std::vector<std::string> Ids(JsonView list) {
  std::vector<std::string> ids;
  list.ForEach([&](JsonView row) { ids.emplace_back(row["id"].AsString()); });
  return ids;
}

std::string Joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    text.append(text.empty() ? "" : ",").append(id);
  }
  return text;
}

// The ids of the newest rows by the plainest statement there is, newest first.
std::string Newest(const std::string& session, int limit) {
  return "SELECT string_agg(CAST(id AS text), ',') FROM (SELECT l.id FROM agent_logs l JOIN agents a ON l.agent_id = "
         "a.id "
         "WHERE a.orchestrator_agent_id = '" +
         session + "' ORDER BY l.\"timestamp\" DESC, l.id DESC LIMIT " + std::to_string(limit) + ") AS newest";
}

}  // namespace

bool LargeServer::IsTheServersOwn(const std::string& statement_or_plan) {
  constexpr std::array<std::string_view, 7> kMarks = {"BEGIN",     "COMMIT", "tutti_streams",   "tutti_journal",
                                                      "runs_runs", "host_",  "pg_stat_activity"};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [&](std::string_view mark) { return statement_or_plan.find(mark) != std::string::npos; });
}

std::string LargeServer::SessionId(int session) {
  return "00000000-0000-4000-8000-00000000000" + std::to_string(session);
}

HttpAnswer LargeServer::AskOnce(const std::string& what, const std::string& target, const std::string& body,
                                bool is_bounded) {
  BeginWatching();
  HttpAnswer answer = body.empty() ? Get(target) : Post(target, body);
  const Seen seen = EndWatching();
  EXPECT_EQ(answer.status, 200) << what << answer.body.substr(0, 400);
  EXPECT_EQ(seen.statements.size(), 1U) << what;
  for (const std::string& statement : seen.statements) {
    EXPECT_TRUE(statement.find("SELECT") != std::string::npos) << what << statement;
  }
  EXPECT_EQ(seen.plans.size(), 1U) << what;
  for (const std::string& plan : seen.plans) {
    for (const std::string& scan : full_scans_) {
      EXPECT_EQ(plan.find(scan), std::string::npos) << what << "\n" << plan;
    }
    std::cout << "---- " << what << ", work " << seen.work << "\n" << plan << "\n";
  }
  EXPECT_LE(seen.work, is_bounded ? most_work_ : most_counting_) << what << "\n"
                                                                 << (seen.plans.empty() ? "" : seen.plans[0]);
  return answer;
}

void LargeServer::CheckSession(Session session) {
  const std::string id = SessionId(session);
  StartOn(id);
  ASSERT_EQ(id_, id);
  const std::string name = "session " + std::to_string(session) + ", ";

  const HttpAnswer events = AskOnce(name + "/get_events", "/get_events?limit=300", {}, true);
  const Json parsed = events.json();
  EXPECT_EQ(parsed["count"].AsInt(), 300);
  EXPECT_EQ(parsed["events"].size(), 300U);
  // As it stands in the database: a server that reads and writes the row anew makes 1.5 of it.
  EXPECT_NE(events.body.find("1.50"), std::string::npos) << events.body.substr(0, 400);

  const HttpAnswer one =
      AskOnce(name + "/get_events of one agent",
              "/get_events?limit=300&event_types=agent_logs&agent_id=" +
                  Ask("SELECT min(CAST(id AS text)) FROM agents WHERE orchestrator_agent_id = '" + id + "'"),
              {}, true);
  EXPECT_EQ(one.json()["count"].AsInt(), 300);

  const HttpAnswer agents = AskOnce(name + "/list_agents", "/list_agents", {}, false);
  const Json list = agents.json();
  const std::string live = "FROM agents WHERE NOT archived AND orchestrator_agent_id = '" + id + "'";
  EXPECT_EQ(std::to_string(list["agents"].size()), Ask("SELECT count(*) " + live));
  std::int64_t logs = 0;
  list["agents"].ForEach([&](JsonView agent) { logs += agent["log_count"].AsInt(); });
  EXPECT_EQ(std::to_string(logs), Ask("SELECT count(*) FROM agent_logs WHERE agent_id IN (SELECT id " + live + ")"));

  const HttpAnswer chat =
      AskOnce(name + "/load_chat", "/load_chat", JsonObject()("orchestrator_agent_id", id)("limit", 300).Take(), true);
  const Json loaded = chat.json();
  EXPECT_EQ(loaded["turn_count"].AsInt(), kChatLines);
  EXPECT_EQ(loaded["messages"].size(), session == kBusy ? 600U : 300U);
  std::string last;
  loaded["messages"].ForEach([&](JsonView message) {
    const std::string time(message["created_at"].AsString());
    EXPECT_LE(last, time);
    last = time;
  });

  CheckPages(session);
  EXPECT_EQ(server().Stop(), 0) << server().output();
}

void LargeServer::CheckPages(Session session) {
  // More than is allowed is cut, whatever is asked for.
  EXPECT_EQ(Get("/get_events?limit=9223372036854775807").json()["count"].AsInt(), 1000);
  EXPECT_EQ(Get("/get_events?event_types=agent_logs&limit=300&offset=9223372036854775807").json()["count"].AsInt(), 0);

  constexpr int kPages = 8;
  constexpr int kSize = 250;
  std::vector<std::string> pages;
  std::string all;
  for (int page = 0; page < kPages; ++page) {
    const std::string target =
        "/get_events?event_types=agent_logs&limit=" + std::to_string(kSize) + "&offset=" + std::to_string(page * kSize);
    const std::vector<std::string> ids = Ids(Get(target).json()["events"]);
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(kSize)) << target;
    all.append(all.empty() ? "" : ",").append(Joined({ids.rbegin(), ids.rend()}));
    pages.push_back(Joined(ids));
  }
  EXPECT_TRUE(all == Ask(Newest(SessionId(session), kPages * kSize))) << "the pages are not the newest rows in order";
  std::atomic<int> wrong{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < kPages; ++i) {
        const int page = (i + client) % kPages;
        const HttpAnswer answer = Get("/get_events?event_types=agent_logs&limit=" + std::to_string(kSize) +
                                      "&offset=" + std::to_string(page * kSize));
        wrong += Joined(Ids(answer.json()["events"])) == pages[static_cast<std::size_t>(page)] ? 0 : 1;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(wrong, 0) << "pages differ when several clients ask at once";
}

void LargeServer::CheckNewSession() {
  StartOn({});
  const HttpAnswer events = AskOnce("new session, /get_events", "/get_events?limit=300", {}, true);
  EXPECT_EQ(events.json()["count"].AsInt(), 0) << events.body.substr(0, 400);
  EXPECT_EQ(AskOnce("new session, /list_agents", "/list_agents", {}, true).json()["agents"].size(), 0U);
  const HttpAnswer chat =
      AskOnce("new session, /load_chat", "/load_chat", JsonObject()("orchestrator_agent_id", id_).Take(), true);
  EXPECT_EQ(chat.json()["turn_count"].AsInt(-1), 0) << chat.body;
  EXPECT_EQ(Ask("SELECT count(*) FROM agent_logs"), std::to_string(kRows));
  EXPECT_EQ(server().Stop(), 0) << server().output();
}

}  // namespace tutti::test
