#include "house_contract.h"
#include "postgresql_driver.h"
#include "postgresql_server.h"

namespace tutti::storage::testing {
namespace {

class DatabaseBackend final : public EngineBackend {
 public:
  DatabaseBackend() : url_(PostgresqlServer::Shared()->CreateDatabase()) {}

  ~DatabaseBackend() override { PostgresqlServer::Shared()->DropDatabase(url_); }

  std::unique_ptr<Engine> MakeEngine(const EngineOptions& options) override {
    postgresql::PostgresqlOptions postgresql;
    postgresql.url = url_;
    auto engine = postgresql::MakeEngine(postgresql, options);
    EXPECT_TRUE(engine.ok()) << engine.status().ToString();
    return engine.ok() ? std::move(*engine) : nullptr;
  }

  std::unique_ptr<Driver> MakeDriver() override {
    postgresql::PostgresqlOptions postgresql;
    postgresql.url = url_;
    auto target = postgresql::ReadUrl(url_, postgresql.connect_timeout, postgresql.statement_timeout);
    EXPECT_TRUE(target.ok()) << target.status().ToString();
    return std::make_unique<postgresql::PostgresqlDriver>(postgresql, std::move(*target));
  }

 private:
  const std::string url_;
};

std::unique_ptr<EngineBackend> MakeDatabase() {
  return PostgresqlServer::Shared() == nullptr ? nullptr : std::make_unique<DatabaseBackend>();
}

const EngineFactory kFactory{"Server", &MakeDatabase};

INSTANTIATE_TEST_SUITE_P(Postgresql, EngineContract, ::testing::Values(kFactory),
                         [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Postgresql, HouseContract, ::testing::Values(kFactory),
                         [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Postgresql, BasicStorage, ::testing::Values(AsStorage(kFactory)), storage_suite::NameOf());
INSTANTIATE_TEST_SUITE_P(Postgresql, FullStorage, ::testing::Values(AsStorage(kFactory)), storage_suite::NameOf());

}  // namespace
}  // namespace tutti::storage::testing
