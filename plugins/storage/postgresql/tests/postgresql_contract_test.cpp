#include "contract.h"
#include "postgresql_driver.h"
#include "postgresql_server.h"

namespace tutti::storage::testing {
namespace {

class DatabaseBackend final : public Backend {
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

 private:
  const std::string url_;
};

std::unique_ptr<Backend> MakeDatabase() {
  return PostgresqlServer::Shared() == nullptr ? nullptr : std::make_unique<DatabaseBackend>();
}

INSTANTIATE_TEST_SUITE_P(Postgresql, StorageContract, ::testing::Values(BackendFactory{"Server", &MakeDatabase}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace tutti::storage::testing
