#include <cstdlib>
#include <filesystem>

#include "house_contract.h"
#include "sqlite_driver.h"

namespace tutti::storage::testing {
namespace {

class FileBackend final : public EngineBackend {
 public:
  FileBackend() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-sqlite-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }

  ~FileBackend() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::unique_ptr<Engine> MakeEngine(const EngineOptions& options) override {
    sqlite::SqliteOptions sqlite;
    sqlite.file = (directory_ / "test.db").string();
    sqlite.synchronous = "off";
    return sqlite::MakeEngine(sqlite, options);
  }

  std::unique_ptr<Driver> MakeDriver() override {
    sqlite::SqliteOptions sqlite;
    sqlite.file = (directory_ / "test.db").string();
    return std::make_unique<sqlite::SqliteDriver>(sqlite);
  }

 private:
  std::filesystem::path directory_;
};

const EngineFactory kFactory{"File", [] { return std::make_unique<FileBackend>(); }};

INSTANTIATE_TEST_SUITE_P(Sqlite, EngineContract, ::testing::Values(kFactory),
                         [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite, HouseContract, ::testing::Values(kFactory),
                         [](const auto& instance) { return instance.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite, BasicStorage, ::testing::Values(AsStorage(kFactory)), storage_suite::NameOf());
INSTANTIATE_TEST_SUITE_P(Sqlite, FullStorage, ::testing::Values(AsStorage(kFactory)), storage_suite::NameOf());

}  // namespace
}  // namespace tutti::storage::testing
