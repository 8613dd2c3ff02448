// The driver behind the SQLite engine, and the engine made of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine.h"
#include "sqlite_connection.h"
#include "sqlite_dialect.h"
#include "sqlite_house.h"

namespace tutti::storage::sqlite {

class SqliteDriver final : public Driver {
 public:
  explicit SqliteDriver(SqliteOptions options) : options_(std::move(options)), house_(options_.file) {}

  [[nodiscard]] const Dialect& dialect() const override { return dialect_; }

  Result<std::unique_ptr<Connection>> Connect(Access access) override;
  [[nodiscard]] std::string Begin(Access access) const override;

  // No: SQLite shows a transaction to nobody before all of it is written, and a COMMIT that failed was taken back.
  Result<bool> WasCommitted(Connection&, const CommitMark&) override { return false; }

  Status Check(Connection& connection) override;
  Status PrepareStore(Connection& connection) override;
  Status Migrate(Connection& connection, const Namespace& space, std::vector<std::string>& created,
                 std::vector<std::string>& changed) override;

  HouseDriver* house() override { return &house_; }

  [[nodiscard]] std::string engine_name() const override { return "sqlite"; }

  [[nodiscard]] std::string engine_version() const override;

 private:
  const SqliteOptions options_;
  const SqliteDialect dialect_;
  SqliteHouse house_;
};

// An engine that is not open yet. A database in memory is read by its one writing connection.
std::unique_ptr<Engine> MakeEngine(const SqliteOptions& sqlite, EngineOptions options);

}  // namespace tutti::storage::sqlite
