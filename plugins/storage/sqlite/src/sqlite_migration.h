// Creates and extends the tables of one namespace in SQLite. Never drops a table, column or row.
//
// Runs within the caller's transaction, on its connection. Failures name table and column and say what to do.
#pragma once

#include <string>
#include <vector>

#include "driver.h"
#include "schema.h"
#include "sqlite_dialect.h"

namespace tutti::storage::sqlite {

class SqliteMigration {
 public:
  SqliteMigration(Connection& connection, const SqliteDialect& dialect, std::vector<std::string>& created,
                  std::vector<std::string>& changed)
      : connection_(connection), dialect_(dialect), created_(created), changed_(changed) {}

  Status Run(const Namespace& space);

 private:
  struct Found {
    std::string name;
    std::string type;
  };

  Status EnsureTable(const std::shared_ptr<const Table>& table);
  Status CreateTable(const std::shared_ptr<const Table>& table);
  Status EnsureColumn(const Table& table, const Column& column, const std::vector<Found>& existing);
  Status EnsureIndex(const std::shared_ptr<const Table>& table, const Index& index);
  Result<bool> Exists(const char* type, const std::string& name, const std::string& table);
  Result<std::vector<Found>> Columns(const std::string& table);
  Result<std::string> Condition(const std::shared_ptr<const Table>& table, const std::string& filter);
  [[nodiscard]] std::string ColumnText(const Table& table, const Column& column, bool added) const;
  [[nodiscard]] std::string DefaultText(const Column& column, bool added) const;

  Connection& connection_;
  const SqliteDialect& dialect_;
  std::vector<std::string>& created_;
  std::vector<std::string>& changed_;
};

}  // namespace tutti::storage::sqlite
