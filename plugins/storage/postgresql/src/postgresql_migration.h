// Creates and extends the tables of one namespace in PostgreSQL, adopting tables that exist: missing columns and
// indexes are added, narrower types widened, named constraints replaced. Never drops a table, column or row.
//
// Runs within the caller's transaction, on its connection. Failures name table and column and say what to do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driver.h"
#include "postgresql_dialect.h"
#include "schema.h"

namespace tutti::storage::postgresql {

class PostgresqlMigration {
 public:
  PostgresqlMigration(Connection& connection, const PostgresqlDialect& dialect, std::vector<std::string>& created,
                      std::vector<std::string>& changed)
      : connection_(connection), dialect_(dialect), created_(created), changed_(changed) {}

  Status Run(const Namespace& space);

  // The tables whose every row was written anew, each once.
  [[nodiscard]] const std::vector<std::string>& rewritten() const { return rewritten_; }

 private:
  struct Found {
    std::string name;
    std::string type;      // the server's internal name, such as "int4"
    bool bounded = false;  // numeric with a precision
  };

  Status EnsureTable(const std::shared_ptr<const Table>& table);
  Status CreateTable(const std::shared_ptr<const Table>& table);
  Status EnsureColumn(const Table& table, const Column& column, const std::vector<Found>& existing);
  Status WidenColumn(const Table& table, const Column& column, const Found& found);
  Status EnsureIndex(const std::shared_ptr<const Table>& table, const Index& index);
  Status Replace(const Table& table, const Index& index, const std::string& former);
  // The table that the index, table or constraint belongs to; empty when there is none.
  Result<std::string> Lookup(const std::string& sql, const std::string& name);
  Result<std::vector<Found>> Columns(const std::string& table);
  Result<std::string> Condition(const std::shared_ptr<const Table>& table, const std::string& filter);
  [[nodiscard]] std::string ColumnText(const Table& table, const Column& column) const;
  [[nodiscard]] std::string IndexText(const Table& table, const Index& index) const;

  Connection& connection_;
  const PostgresqlDialect& dialect_;
  std::vector<std::string>& created_;
  std::vector<std::string>& changed_;
  std::vector<std::string> rewritten_;
};

}  // namespace tutti::storage::postgresql
