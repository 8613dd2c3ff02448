#include "sqlite_house.h"

#include <chrono>

#include "sqlite_connection.h"

namespace tutti::storage::sqlite {
namespace {

constexpr std::chrono::hours kUnhurried(24 * 365);

Status Find(Connection& connection, const std::string& sql,
            const std::function<std::string(std::span<const std::string_view>)>& sentence,
            std::vector<std::string>& findings) {
  return connection
      .Run({sql, {}},
           [&](std::span<const std::string_view> fields) {
             if (std::string text = sentence(fields); !text.empty()) {
               findings.push_back(std::move(text));
             }
             return Status();
           })
      .status();
}

}  // namespace

Status SqliteHouse::CheckShared() const {
  return file_ == ":memory:" ? Status::FailedPrecondition(
                                   "the database is in memory and ends with the process; there is nothing to keep")
                             : Status();
}

Status SqliteHouse::SetUnhurried(Connection& connection) {
  // Every connection is one of Connect's.
  static_cast<SqliteConnection&>(connection).set_statement_timeout(kUnhurried);
  return {};
}

Result<Inventory> SqliteHouse::TakeInventory(Connection& connection) {
  Inventory inventory;
  auto run = connection.Run(
      {"SELECT s.type, s.name, c.name FROM sqlite_schema AS s LEFT JOIN pragma_table_info(s.name) AS c ON s.type = "
       "'table' WHERE s.type IN ('table', 'index')",
       {}},
      [&](std::span<const std::string_view> fields) {
        if (fields[0] == "index") {
          inventory.indexes.emplace(fields[1]);
        } else {
          inventory.tables[std::string(fields[1])].emplace(fields[2]);
        }
        return Status();
      });
  return run.ok() ? Result<Inventory>(std::move(inventory)) : run.status();
}

Status SqliteHouse::BeginLoad(Connection& connection, const Tables&) {
  return connection.Control("PRAGMA defer_foreign_keys = ON");
}

void SqliteHouse::AfterLoad(Connection& connection) {
  // So that the file alone is the whole database.
  (void)connection.Control("PRAGMA wal_checkpoint(TRUNCATE)");
}

Status SqliteHouse::Inspect(Connection& connection, std::vector<std::string>& findings) {
  Status status = Find(
      connection, "PRAGMA integrity_check(20)",
      [&](std::span<const std::string_view> fields) {
        return fields[0] == "ok" ? std::string() : "the file " + file_ + " is damaged: " + std::string(fields[0]);
      },
      findings);
  if (!status.ok() && status.code() == Code::kDataLoss) {
    findings.push_back("the file " + file_ + " is damaged: " + std::string(status.message()));
    status = Status();
  }
  return status.ok()
             ? Find(
                   connection, "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 20",
                   [](std::span<const std::string_view> fields) {
                     return "table " + std::string(fields[0]) + ": the row with rowid " + std::string(fields[1]) +
                            " refers to a row of " + std::string(fields[2]) + " that does not exist";
                   },
                   findings)
             : status;
}

Result<std::string> SqliteHouse::Scrub(Connection& connection, const std::vector<std::string>&, bool compact) {
  // Freed bytes were overwritten at once (secure_delete); before that was on, they were not.
  if (compact) {
    if (Status status = connection.Control("VACUUM"); !status.ok()) {
      return status;
    }
  }
  bool is_busy = false;
  auto run = connection.Run({"PRAGMA wal_checkpoint(TRUNCATE)", {}}, [&](std::span<const std::string_view> fields) {
    is_busy = fields[0] != "0";
    return Status();
  });
  if (!run.ok()) {
    return run.status();
  }
  return is_busy ? "the write-ahead log " + file_ +
                       "-wal is still being read and holds what was erased until its next checkpoint"
                 : std::string();
}

}  // namespace tutti::storage::sqlite
