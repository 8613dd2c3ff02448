// The driver behind the PostgreSQL engine, and the engine made of it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine.h"
#include "postgresql_connection.h"
#include "postgresql_dialect.h"
#include "postgresql_house.h"

namespace tutti::storage::postgresql {

class PostgresqlDriver final : public Driver {
 public:
  PostgresqlDriver(PostgresqlOptions options, ConnectionTarget target)
      : options_(std::move(options)), target_(std::move(target)), dialect_(options_.announcer), house_(target_.shown) {}

  [[nodiscard]] const Dialect& dialect() const override { return dialect_; }

  Result<std::unique_ptr<Connection>> Connect(Access access) override;
  [[nodiscard]] std::string Begin(Access access) const override;
  Result<bool> WasCommitted(Connection& connection, const CommitMark& mark) override;
  Status PrepareStore(Connection& connection) override;
  Status LockSchema(Connection& connection) override;
  Status Migrate(Connection& connection, const Namespace& space, std::vector<std::string>& created,
                 std::vector<std::string>& changed) override;
  void Refresh(Connection& connection) override;

  HouseDriver* house() override { return &house_; }

  [[nodiscard]] std::string engine_name() const override { return "postgresql"; }

  // Of the server; empty until the first connection.
  [[nodiscard]] std::string engine_version() const override;

 private:
  // Ends what is left of lost sessions on the server.
  void EndLost(Connection& connection);

  const std::shared_ptr<LostSessions> lost_ = std::make_shared<LostSessions>();
  const PostgresqlOptions options_;
  const ConnectionTarget target_;
  const PostgresqlDialect dialect_;
  PostgresqlHouse house_;
  std::vector<std::string> rewritten_;  // tables since the last Refresh; the writer's thread only
  mutable std::mutex mutex_;
  std::string version_;  // guarded by mutex_
};

// An engine that is not open yet; INVALID_ARGUMENT when the URL cannot be read.
Result<std::unique_ptr<Engine>> MakeEngine(const PostgresqlOptions& postgresql, const EngineOptions& options);

}  // namespace tutti::storage::postgresql
