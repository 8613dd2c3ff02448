// A million rows that the reference orchestrator left in PostgreSQL: taken over, and asked for by index.
#include <sstream>

#include "postgresql_server.h"
#include "tests/large/large_server.h"
#include "tests/large/reference_schema.h"

namespace tutti::test {
namespace {

using storage::testing::PostgresqlServer;

constexpr const char* kRowsOfOld = R"sql(
INSERT INTO orchestrator_agents (id, session_id, input_tokens, total_cost, created_at) SELECT
  ('00000000-0000-4000-8000-00000000000' || i)::uuid, 'session ' || i, 2147483647, 999999.9999, '2025-01-01Z' FROM generate_series(0, 2) i;
INSERT INTO agents (id, orchestrator_agent_id, name, model, status, archived, created_at) SELECT
  ('00000000-0000-4000-9000-' || lpad(i::text, 12, '0'))::uuid, ('00000000-0000-4000-8000-00000000000' || i / 50)::uuid,
  'agent ' || i, 'm', 'idle', i = 104, '2025-01-01Z'::timestamptz + i * interval '1 second' FROM generate_series(0, 104) i;
INSERT INTO agent_logs (id, agent_id, task_slug, entry_index, event_category, event_type, content, payload, "timestamp") SELECT
  (lpad(to_hex((i::bigint * 2654435761) % 4294967296), 8, '0') || '-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid,
  ('00000000-0000-4000-9000-' || lpad((CASE WHEN i < 10000 THEN 100 + i % 5 ELSE (i * 7) % 100 END)::text, 12, '0'))::uuid,
  'task ' || i / 1000, i % 1000, CASE WHEN i % 3 = 0 THEN 'hook' ELSE 'response' END, 'text', 'line ' || i, '{"n": 1.50}',
  '2025-01-01Z'::timestamptz + (i / 3) * interval '1 second' FROM generate_series(0, 999999) i;
INSERT INTO orchestrator_chat (orchestrator_agent_id, sender_type, receiver_type, message, created_at) SELECT
  ('00000000-0000-4000-8000-00000000000' || i % 3)::uuid, 'user', 'orchestrator', 'line ' || i,
  '2024-01-01Z'::timestamptz + i * interval '1 second' FROM generate_series(0, 14999) i;
INSERT INTO system_logs (level, message, metadata, "timestamp") SELECT 'INFO', 'block ' || i, jsonb_build_object('type',
  CASE WHEN i % 2 = 0 THEN 'thinking_block' ELSE 'tool_use_block' END, 'thinking', 'so', 'tool_name', 'Bash', 'tool_input',
  '{}'::jsonb, 'orchestrator_agent_id', '00000000-0000-4000-8000-000000000000'),
  '2024-01-01Z'::timestamptz + i * interval '1 second' FROM generate_series(0, 9999) i;
)sql";

// Statements as the database logs them, and each one's plan with the pages it touched.
constexpr const char* kWatch =
    "session_preload_libraries = 'auto_explain'; ALTER DATABASE %s SET auto_explain.log_min_duration = 0; ALTER "
    "DATABASE "
    "%s SET auto_explain.log_analyze = on; ALTER DATABASE %s SET auto_explain.log_buffers = on; ALTER DATABASE %s SET "
    "auto_explain.log_timing = off; ALTER DATABASE %s SET log_statement = 'all'";

constexpr const char* kDigest =
    "SELECT sum(hashtextextended(id::text || agent_id || entry_index || content || payload || \"timestamp\", 0)) FROM "
    "agent_logs";

class LargePostgresql : public LargeServer {
 protected:
  void SetUp() override {
    LargeServer::SetUp();
    database_ = PostgresqlServer::Shared();
    ASSERT_NE(database_, nullptr);
    url_ = database_->CreateDatabase();
    Overlay("database",
            "version: 1\nplugins:\n  - {id: tutti.storage.postgresql, as: postgresql, required: true, "
            "config: {url: \"${DATABASE_URL}\"}}\n");
    full_scans_ = {"Seq Scan on agent_logs", "Seq Scan on public.agent_logs"};
    start_patience_ = std::chrono::minutes(4);  // it widens columns and makes indexes
    most_work_ = 20000;
    most_counting_ = 20000;  // entries of an index, not rows
  }

  void TearDown() override { database_->DropDatabase(url_); }

  void StartOn(const std::string& session) override { Start(session, {{"DATABASE_URL", url_}}); }

  std::string Ask(const std::string& sql) override { return PostgresqlServer::Query(url_, sql); }

  void Watch() {
    std::string sql = std::string("ALTER DATABASE %s SET ") + kWatch;
    const std::string name = url_.substr(url_.rfind('/') + 1);
    for (std::size_t at = sql.find("%s"); at != std::string::npos; at = sql.find("%s")) {
      sql.replace(at, 2, name);
    }
    ASSERT_EQ(Ask(sql), "");
  }

  void BeginWatching() override { log_ = database_->Log().size(); }

  Seen EndWatching() override {
    Seen seen;
    std::istringstream log(database_->Log().substr(log_));
    std::string* current = nullptr;
    for (std::string line; std::getline(log, line);) {
      if (line.starts_with("\t")) {
        if (current != nullptr) {
          current->append("\n").append(line);
        }
        continue;
      }
      current = nullptr;
      const bool opens = line.find("statement: SET client_encoding") != std::string::npos ||
                         line.find(": SHOW server_version") != std::string::npos;  // a session is opened at need
      if (opens) {
        continue;
      }
      if (line.find("LOG:  execute ") != std::string::npos || line.find("LOG:  statement: ") != std::string::npos) {
        current = &seen.statements.emplace_back(line);
      } else if (line.find(" plan:") != std::string::npos) {
        current = &seen.plans.emplace_back(line);
      }
    }
    std::erase_if(seen.statements, IsTheServersOwn);
    std::erase_if(seen.plans, IsTheServersOwn);
    for (const std::string& plan : seen.plans) {
      seen.work = std::max(seen.work, Pages(plan));
    }
    return seen;
  }

  // What the outermost step touched, all others included.
  static std::int64_t Pages(const std::string& plan) {
    std::int64_t pages = 0;
    const std::size_t line = plan.find("Buffers:");
    if (line == std::string::npos) {
      return 0;  // a statement that reads no table has no such line
    }
    const std::string text = plan.substr(line, plan.find('\n', line) - line);
    for (const char* kind : {"hit=", "read="}) {
      const std::size_t at = text.find(kind);
      pages += at == std::string::npos ? 0 : std::stoll(text.substr(text.find('=', at) + 1));
    }
    return pages;
  }

  PostgresqlServer* database_ = nullptr;
  std::string url_;
  std::size_t log_ = 0;
};

TEST_F(LargePostgresql, MillionRowsOfAnOldInstallationAreTakenOverAndServedFromIndexes) {
  // Rows before their indexes: a fraction of the time.
  ASSERT_EQ(Ask(kReferenceTables), "");
  ASSERT_EQ(Ask(kRowsOfOld), "");
  ASSERT_EQ(Ask(kReferenceIndexes), "");
  ASSERT_EQ(Ask("VACUUM ANALYZE"), "");
  const std::string digest = Ask(kDigest);
  Watch();

  CheckNewSession();
  EXPECT_EQ(Ask(kDigest), digest);
  EXPECT_EQ(Ask("SELECT count(*) FROM pg_constraint WHERE conname = 'agents_orchestrator_agent_id_name_key'"), "0");
  EXPECT_NE(Ask("SELECT indexdef FROM pg_indexes WHERE indexname = 'agents_live_name_key'").find("WHERE"),
            std::string::npos);
  EXPECT_EQ(
      Ask("SELECT string_agg(DISTINCT data_type, ',') FROM information_schema.columns WHERE table_schema = 'public' "
          "AND column_name IN ('input_tokens', 'output_tokens', 'entry_index') AND table_name IN ('agents', "
          "'orchestrator_agents', 'agent_logs')"),
      "bigint");
  EXPECT_EQ(
      Ask("SELECT count(*) FROM information_schema.columns WHERE column_name = 'total_cost' AND numeric_precision "
          "IS NOT NULL"),
      "0");
  for (const Session session : {kBusy, kEarly}) {
    CheckSession(session);
  }
}

}  // namespace
}  // namespace tutti::test
