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

Status SqliteDriver::Check(Connection& connection) {
  if (options_.check_at_start == "off") {
    return {};
  }
  auto& own = static_cast<SqliteConnection&>(connection);
  const std::chrono::milliseconds former = own.statement_timeout();
  own.set_statement_timeout(options_.check_limit);
  std::string finding;
  const bool is_full = options_.check_at_start == "full";
  const Status status = connection
                            .Run({is_full ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)", {}},
                                 [&](std::span<const std::string_view> fields) {
                                   finding = fields[0] == "ok" ? std::string_view() : fields[0];
                                   return Status();
                                 })
                            .status();
  own.set_statement_timeout(former);
  if (!finding.empty() || status.code() == Code::kDataLoss) {
    const std::string found = finding.empty() ? std::string(status.message()) : finding;
    return {Code::kDataLoss,
            "the database file " + options_.file + " is damaged (" + found.substr(0, found.find('\n')) +
                "); nothing was changed: restore the newest backup, or rescue what can be read with 'sqlite3 " +
                options_.file + " .recover' into a new file (check_at_start: off starts on it as it is)"};
  }
  // A file too large to be read within the limit has no verdict.
  return status.code() == Code::kDeadlineExceeded ? Status() : status;
}

Status SqliteDriver::PrepareStore(Connection& connection) {
  for (const char* sql :
       {"CREATE TABLE IF NOT EXISTS tutti_schema (namespace TEXT NOT NULL PRIMARY KEY, version INT NOT NULL, "
        "declared TEXT) STRICT",
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
  const std::chrono::milliseconds former = own.statement_timeout();
  own.set_statement_timeout(std::chrono::hours(24));
  const Status extended = ExtendJournal(connection);
  own.set_statement_timeout(former);
  if (!extended.ok()) {
    return extended;
  }
  // A database of an earlier version does not remember what was declared.
  auto found = connection.Run({"SELECT 1 FROM pragma_table_info('tutti_schema') WHERE name = 'declared'", {}},
                              [](std::span<const std::string_view>) { return Status(); });
  if (!found.ok() || *found > 0) {
    return found.status();
  }
  return connection.Control("ALTER TABLE tutti_schema ADD COLUMN declared TEXT");
}

Status SqliteDriver::Migrate(Connection& connection, const Namespace& space, std::vector<std::string>& created,
                             std::vector<std::string>& changed) {
  // An index over a large table takes longer than any question may take. Every connection is one of Connect's.
  auto& own = static_cast<SqliteConnection&>(connection);
  const std::chrono::milliseconds former = own.statement_timeout();
  own.set_statement_timeout(std::chrono::hours(24));
  Status status = SqliteMigration(connection, dialect_, created, changed).Run(space);
  own.set_statement_timeout(former);
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
