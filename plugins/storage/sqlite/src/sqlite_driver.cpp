#include "sqlite_driver.h"

#include "sqlite_migration.h"

namespace tutti::storage::sqlite {
namespace {

Status ExtendJournal(Connection& connection) {
  auto found = connection.Run({"SELECT 1 FROM pragma_table_info('tutti_journal') WHERE name = 'tree'", {}},
                              [](std::span<const std::string_view>) { return Status(); });
  if (!found.ok()) {
    return found.status();
  }
  Status status = *found > 0 ? Status() : connection.Control("ALTER TABLE tutti_journal ADD COLUMN tree TEXT");
  for (const char* sql :
       {"CREATE INDEX IF NOT EXISTS tutti_journal_run ON tutti_journal (stream, run, seq) WHERE run IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS tutti_journal_agent ON tutti_journal (stream, agent, seq) WHERE agent IS NOT "
        "NULL"}) {
    status = status.ok() ? connection.Control(sql) : status;
  }
  return status;
}

}  // namespace

Result<std::unique_ptr<Connection>> SqliteDriver::Connect(Access access) {
  return SqliteConnection::Open(options_, access, dialect_);
}

std::string SqliteDriver::Begin(Access access) const {
  return access == Access::kRead ? "BEGIN" : "BEGIN IMMEDIATE";
}

Status SqliteDriver::PrepareStore(Connection& connection) {
  for (const char* sql :
       {"CREATE TABLE IF NOT EXISTS tutti_schema (namespace TEXT NOT NULL PRIMARY KEY, version INT NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS tutti_streams (stream TEXT NOT NULL PRIMARY KEY, head INT NOT NULL, "
        "floor INT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS tutti_journal (stream TEXT NOT NULL, seq INT NOT NULL, time TEXT NOT NULL, "
        "type TEXT NOT NULL, run TEXT, agent TEXT, tree TEXT, data TEXT NOT NULL, PRIMARY KEY (stream, seq)) STRICT"}) {
    if (Status status = connection.Control(sql); !status.ok()) {
      return status;
    }
  }
  // A database of an earlier version has no column `tree`; an index over a large journal takes its time.
  auto& own = static_cast<SqliteConnection&>(connection);
  own.set_statement_timeout(std::chrono::hours(24));
  Status status = ExtendJournal(connection);
  own.set_statement_timeout(options_.statement_timeout);
  return status;
}

Status SqliteDriver::Migrate(Connection& connection, const Namespace& space, std::vector<std::string>& created,
                             std::vector<std::string>& changed) {
  // An index over a large table takes longer than any question may take. Every connection is one of Connect's.
  auto& own = static_cast<SqliteConnection&>(connection);
  own.set_statement_timeout(std::chrono::hours(24));
  Status status = SqliteMigration(connection, dialect_, created, changed).Run(space);
  own.set_statement_timeout(options_.statement_timeout);
  return status;
}

std::string SqliteDriver::engine_version() const {
  return sqlite3_libversion();
}

std::unique_ptr<Engine> MakeEngine(const SqliteOptions& sqlite, EngineOptions options) {
  if (sqlite.file == ":memory:") {
    options.readers = 0;
  }
  return std::make_unique<Engine>(std::make_unique<SqliteDriver>(sqlite), options);
}

}  // namespace tutti::storage::sqlite
