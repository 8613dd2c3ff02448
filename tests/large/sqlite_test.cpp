// A million rows in a SQLite file that an earlier server made, asked for by index.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/large/large_server.h"

namespace tutti::test {
namespace {

// The indexes of agent_logs go while rows are made, and the next server makes them anew: a fraction of the time.
constexpr const char* kFill = R"sql(
PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000; BEGIN;
INSERT INTO orchestrator_agents (id, session_id, archived, metadata, input_tokens, output_tokens, total_cost, created_at, updated_at)
  WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 2) SELECT
  '00000000-0000-4000-8000-00000000000' || i, 'session ' || i, 0, '{}', 0, 0, 0.0, '2025-01-01T00:00:00.000000+00:00',
  '2025-01-01T00:00:00.000000+00:00' FROM n;
INSERT INTO agents (id, orchestrator_agent_id, name, model, status, archived, metadata, input_tokens, output_tokens, total_cost,
  created_at, updated_at) WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 104) SELECT
  printf('00000000-0000-4000-9000-%012d', i), '00000000-0000-4000-8000-00000000000' || (i / 50), 'agent ' || i, 'm', 'idle',
  i = 104, '{}', 0, 0, 0.0, printf('2025-01-01T00:%02d:%02d.000000+00:00', i / 60, i % 60), '2025-01-01T00:00:00.000000+00:00' FROM n;
INSERT INTO agent_logs (id, agent_id, task_slug, entry_index, event_category, event_type, content, payload, timestamp)
  WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 999999) SELECT
  printf('%08x-0000-4000-8000-%012d', i / 16, i),
  printf('00000000-0000-4000-9000-%012d', CASE WHEN i < 10000 THEN 100 + i % 5 ELSE (i * 7) % 100 END),
  'task ' || (i / 1000), i % 1000, CASE WHEN i % 3 = 0 THEN 'hook' ELSE 'response' END, 'text', 'line ' || i, '{"n":1.50}',
  strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1735689600 + i / 3, 'unixepoch') FROM n;
INSERT INTO orchestrator_chat (id, orchestrator_agent_id, sender_type, receiver_type, message, metadata, created_at, updated_at)
  WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 14999) SELECT
  printf('00000000-0000-4000-a000-%012d', i), '00000000-0000-4000-8000-00000000000' || (i % 3), 'user', 'orchestrator',
  'line ' || i, '{}', strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1704067200 + i, 'unixepoch'),
  strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1704067200 + i, 'unixepoch') FROM n;
INSERT INTO system_logs (id, level, message, metadata, timestamp)
  WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT
  printf('00000000-0000-4000-b000-%012d', i), 'INFO', 'block ' || i, json_object('type', CASE WHEN i % 2 = 0 THEN
  'thinking_block' ELSE 'tool_use_block' END, 'thinking', 'so', 'tool_name', 'Bash', 'tool_input', json('{}'),
  'orchestrator_agent_id', '00000000-0000-4000-8000-000000000000'),
  strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1704067200 + i, 'unixepoch') FROM n;
COMMIT;
)sql";

class LargeSqlite : public LargeServer {
 protected:
  void SetUp() override {
    LargeServer::SetUp();
    tap_ = directory_.path() + "/statements";
    // Under its short name a scan reads like one of a subquery; the steps tell the two apart.
    full_scans_ = {"SCAN agent_logs;", "SCAN counted of;"};
    start_patience_ = std::chrono::minutes(4);  // it widens columns and makes indexes
    most_work_ = 400000;
    most_counting_ = 4000000;  // a few steps for each of 495,000 entries
  }

  void StartOn(const std::string& session) override {
    Start(session, {{"LD_PRELOAD", TUTTI_STATEMENT_TAP_LIBRARY}, {"TUTTI_STATEMENT_TAP", tap_}});
  }

  std::string Ask(const std::string& sql) override {
    std::string text = sql;
    if (const std::size_t at = text.find("string_agg"); at != std::string::npos) {
      text.replace(at, 10, "group_concat");
    }
    const std::vector<DatabaseView::Row> rows = Rows(text);
    return rows.empty() || rows[0].empty() ? "" : rows[0].begin()->second;
  }

  void Execute(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((data_ + "/tutti.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  void BeginWatching() override { begin_ = Lines().size(); }

  Seen EndWatching() override {
    const std::vector<std::string> lines = Lines();
    std::map<std::string, std::string> plans;
    Seen seen;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t first = lines[i].find('\t');
      const std::size_t second = lines[i].find('\t', first + 1);
      const std::string between = lines[i].substr(first + 1, second - first - 1);
      if (lines[i].starts_with("PLAN")) {
        // A kept statement is not prepared again.
        plans[between] = lines[i].substr(second + 1);
      } else if (i >= begin_ && lines[i].find("\tPRAGMA ") == std::string::npos &&  // a connection is opened at need
                 !IsTheServersOwn(lines[i])) {
        const std::string& sql = seen.statements.emplace_back(lines[i].substr(second + 1));
        seen.work = std::max(seen.work, static_cast<std::int64_t>(std::stoll(between)));
        if (plans.contains(sql)) {
          seen.plans.push_back(plans[sql]);
        }
      }
    }
    return seen;
  }

  [[nodiscard]] std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::ifstream file(tap_);
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  std::string tap_;
  std::size_t begin_ = 0;
};

TEST_F(LargeSqlite, MillionRowsAreServedFromIndexes) {
  StartOn({});
  EXPECT_EQ(server().Stop(), 0) << server().output();
  std::string drop;
  for (const DatabaseView::Row& row :
       Rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'agent_logs' AND sql IS NOT NULL")) {
    drop += "DROP INDEX \"" + row.at("name") + "\";";
  }
  ASSERT_FALSE(drop.empty());
  Execute(drop + kFill);
  CheckNewSession();
  for (const Session session : {kBusy, kEarly}) {
    CheckSession(session);
  }
}

}  // namespace
}  // namespace tutti::test
