#include "postgresql_driver.h"

#include "names.h"
#include "postgresql_migration.h"

namespace tutti::storage::postgresql {
namespace {

// Hosts that start at the same time create and migrate one after the other; ends with the transaction.
constexpr const char* kOneAtATime = "SELECT pg_advisory_xact_lock(8387237834)";

// Brings the journal of an earlier version here. Looks first: the changes would wait for those who write even when
// there is nothing to change.
constexpr const char* kExtendJournal = R"(DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('tutti_journal') AND attname = 'tree'
                 AND NOT attisdropped) THEN
    ALTER TABLE tutti_journal ADD COLUMN tree text;
  END IF;
  IF to_regclass('tutti_journal_run') IS NULL THEN
    CREATE INDEX tutti_journal_run ON tutti_journal (stream, run, seq) WHERE run IS NOT NULL;
  END IF;
  IF to_regclass('tutti_journal_agent') IS NULL THEN
    CREATE INDEX tutti_journal_agent ON tutti_journal (stream, agent, seq) WHERE agent IS NOT NULL;
  END IF;
END $$)";

}  // namespace

Result<std::unique_ptr<Connection>> PostgresqlDriver::Connect(Access access) {
  auto connection = PostgresqlConnection::Open(options_, target_, access, lost_);
  if (!connection.ok()) {
    return connection;
  }
  std::string version;
  auto run = (*connection)->Run({"SHOW server_version", {}}, [&](std::span<const std::string_view> fields) {
    version = fields[0];
    return Status();
  });
  if (!run.ok()) {
    return run.status();
  }
  EndLost(**connection);
  const std::lock_guard lock(mutex_);
  version_ = std::move(version);
  return connection;
}

void PostgresqlDriver::EndLost(Connection& connection) {
  std::vector<std::string> sessions = lost_->Take();
  if (sessions.empty()) {
    return;
  }
  // All in one question: after an outage there are many, and whoever connects waits for this.
  std::string all;
  for (const std::string& session : sessions) {
    all += (all.empty() ? "" : ",") + session;
  }
  const auto ended = connection.Run(
      {"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid || '@' || extract(epoch FROM backend_start) = "
       "ANY (string_to_array($1, ','))",
       {{Type::kText, std::move(all)}}},
      [](std::span<const std::string_view>) { return Status(); });
  if (!ended.ok() && !connection.usable()) {
    for (std::string& session : sessions) {
      lost_->Add(std::move(session));
    }
  }
}

Result<bool> PostgresqlDriver::WasCommitted(Connection& connection, const CommitMark& mark) {
  bool is_made = false;
  // Writing the same row waits for a transaction that has it and is just being ended.
  const auto run = connection.Run(
      {"INSERT INTO tutti_writers (writer, number, \"time\") VALUES ($1, 0, now()) ON CONFLICT (writer) DO UPDATE SET "
       "\"time\" = now() RETURNING number",
       {{Type::kText, mark.writer}}},
      [&](std::span<const std::string_view> fields) {
        is_made = fields[0] == std::to_string(mark.number);
        return Status();
      });
  return run.ok() ? Result<bool>(is_made) : run.status();
}

std::string PostgresqlDriver::Begin(Access access) const {
  return access == Access::kRead ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN";
}

Status PostgresqlDriver::PrepareStore(Connection& connection) {
  for (const char* sql :
       {kOneAtATime,
        "CREATE TABLE IF NOT EXISTS tutti_schema (namespace text COLLATE \"C\" PRIMARY KEY, version bigint NOT NULL, "
        "declared text)",
        "ALTER TABLE tutti_schema ADD COLUMN IF NOT EXISTS declared text",
        "CREATE TABLE IF NOT EXISTS tutti_streams (stream text COLLATE \"C\" PRIMARY KEY, head bigint NOT NULL, "
        "floor bigint NOT NULL)",
        "CREATE TABLE IF NOT EXISTS tutti_journal (stream text COLLATE \"C\" NOT NULL, seq bigint NOT NULL, "
        "\"time\" timestamptz NOT NULL, type text NOT NULL, run text, agent text, tree text, data text NOT NULL, "
        "PRIMARY KEY (stream, seq))",
        "CREATE TABLE IF NOT EXISTS tutti_writers (writer text COLLATE \"C\" PRIMARY KEY, number bigint NOT NULL, "
        "\"time\" timestamptz NOT NULL) WITH (fillfactor = 10)",
        "DELETE FROM tutti_writers WHERE \"time\" < now() - interval '30 days'",
        // An index over a large journal takes its time.
        "SET LOCAL statement_timeout = 0", kExtendJournal}) {
    if (Status status = connection.Control(sql); !status.ok()) {
      return status;
    }
  }
  return {};
}

Status PostgresqlDriver::LockSchema(Connection& connection) {
  return connection.Control(kOneAtATime);
}

Status PostgresqlDriver::Migrate(Connection& connection, const Namespace& space, std::vector<std::string>& created,
                                 std::vector<std::string>& changed) {
  // A large table takes longer to widen or to index than any question may take; until the transaction ends.
  for (const char* sql : {kOneAtATime, "SET LOCAL statement_timeout = 0"}) {
    if (Status status = connection.Control(sql); !status.ok()) {
      return status;
    }
  }
  PostgresqlMigration migration(connection, dialect_, created, changed);
  Status status = migration.Run(space);
  rewritten_ = migration.rewritten();
  return status;
}

void PostgresqlDriver::Refresh(Connection& connection) {
  // A table written anew has no page that is known to be visible to all, without which counting by an index reads the
  // rows too, and autovacuum does not come for it.
  if (rewritten_.empty() || !connection.Control("SET statement_timeout = 0").ok()) {
    return;
  }
  for (const std::string& table : rewritten_) {
    (void)connection.Control("VACUUM (ANALYZE) " + QuoteName(table));
  }
  rewritten_.clear();
  (void)connection.Control("SET statement_timeout = " + std::to_string(options_.statement_timeout.count()));
}

std::string PostgresqlDriver::engine_version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

Result<std::unique_ptr<Engine>> MakeEngine(const PostgresqlOptions& postgresql, const EngineOptions& options) {
  auto target = ReadUrl(postgresql.url, postgresql.connect_timeout, postgresql.silence);
  if (!target.ok()) {
    return target.status();
  }
  return std::make_unique<Engine>(std::make_unique<PostgresqlDriver>(postgresql, std::move(*target)), options);
}

}  // namespace tutti::storage::postgresql
