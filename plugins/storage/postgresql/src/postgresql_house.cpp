#include "postgresql_house.h"

#include "names.h"

namespace tutti::storage::postgresql {
namespace {

constexpr const char* kColumns =
    "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
    "a.attisdropped WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')";
constexpr const char* kIndexes =
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('i', 'I')";
constexpr const char* kBrokenIndexes =
    "SELECT i.relname, t.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = "
    "x.indrelid WHERE i.relnamespace = current_schema()::regnamespace AND NOT x.indisvalid ORDER BY 1 LIMIT 20";
constexpr const char* kOwnReferences =
    "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = confrelid AND conrelid = "
    "to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1::text))";

}  // namespace

Status PostgresqlHouse::SetUnhurried(Connection& connection) {
  return connection.Control("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
}

Result<Inventory> PostgresqlHouse::TakeInventory(Connection& connection) {
  Inventory inventory;
  auto run = connection.Run({kColumns, {}}, [&](std::span<const std::string_view> fields) {
    inventory.tables[std::string(fields[0])].emplace(fields[1]);
    return Status();
  });
  if (!run.ok()) {
    return run.status();
  }
  run = connection.Run({kIndexes, {}}, [&](std::span<const std::string_view> fields) {
    inventory.indexes.emplace(fields[0]);
    return Status();
  });
  return run.ok() ? Result<Inventory>(std::move(inventory)) : run.status();
}

Status PostgresqlHouse::LockTable(Connection& connection, const Table& table) {
  return connection.Control("LOCK TABLE " + QuoteName(table.physical) + " IN SHARE ROW EXCLUSIVE MODE");
}

Status PostgresqlHouse::AlterOwnReferences(Connection& connection, const Tables& tables, const std::string& how) {
  for (const auto& table : tables) {
    std::vector<std::string> names;
    auto run = connection.Run({kOwnReferences, {{Type::kText, table->physical}}},
                              [&](std::span<const std::string_view> fields) {
                                names.emplace_back(fields[0]);
                                return Status();
                              });
    Status status = run.status();
    for (const std::string& name : names) {
      status = status.ok() ? connection.Control("ALTER TABLE " + QuoteName(table->physical) + " ALTER CONSTRAINT " +
                                                QuoteName(name) + how)
                           : status;
    }
    if (!status.ok()) {
      return status;
    }
  }
  return {};
}

Status PostgresqlHouse::BeginLoad(Connection& connection, const Tables& tables) {
  return AlterOwnReferences(connection, tables, " DEFERRABLE INITIALLY DEFERRED");
}

Status PostgresqlHouse::EndLoad(Connection& connection, const Tables& tables) {
  Status status = connection.Control("SET CONSTRAINTS ALL IMMEDIATE");
  return status.ok() ? AlterOwnReferences(connection, tables, " NOT DEFERRABLE") : status;
}

void PostgresqlHouse::AfterLoad(Connection& connection) {
  (void)connection.Control("ANALYZE");
}

Status PostgresqlHouse::Inspect(Connection& connection, std::vector<std::string>& findings) {
  return connection
      .Run({kBrokenIndexes, {}},
           [&](std::span<const std::string_view> fields) {
             findings.push_back("index " + std::string(fields[0]) + " of table " + std::string(fields[1]) +
                                " is not valid; REINDEX it");
             return Status();
           })
      .status();
}

Result<std::string> PostgresqlHouse::Scrub(Connection& connection, const std::vector<std::string>& tables,
                                           bool compact) {
  for (const std::string& table : tables) {
    if (Status status = connection.Control((compact ? "VACUUM (FULL) " : "VACUUM ") + QuoteName(table)); !status.ok()) {
      return status;
    }
  }
  return std::string(compact
                         ? ""
                         : "no query and no dump finds it any more; pages on the server's disk may hold bytes of it "
                           "until VACUUM FULL has written these tables anew");
}

}  // namespace tutti::storage::postgresql
