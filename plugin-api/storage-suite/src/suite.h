// The suite's fixtures. The name of a case's fixture is its level: BasicStorage for what every storage can do,
// FullStorage for the whole language of tutti/abi/storage.h. A binary that links the cases says what they run against:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, BasicStorage, ::testing::Values(BackendFactory{"File", &MakeBackend}), NameOf());
//   INSTANTIATE_TEST_SUITE_P(Mine, FullStorage, ...);
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "answer.h"
#include "storage.h"

namespace tutti::storage_suite {

struct BackendFactory {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
};

inline void PrintTo(const BackendFactory& factory, std::ostream* out) {
  *out << factory.name;
}

struct NameOf {
  std::string operator()(const ::testing::TestParamInfo<BackendFactory>& info) const { return info.param.name; }
};

// The suite's tables, namespace "lab", owner "test.owner". The full ones are the basic ones and those that need more.
std::string BasicSchema();
std::string FullSchema();

class StorageCase : public ::testing::TestWithParam<BackendFactory> {
 protected:
  explicit StorageCase(std::string schema) : schema_(std::move(schema)) {}

  void SetUp() override;
  void TearDown() override;

  // Closes the storage and opens another on the same database, with the suite's schema.
  void Reopen();

  // Runs `ops`, a JSON array, as the owner of the suite's tables, and waits.
  Answer Run(std::string_view ops) { return RunAs("test.owner", ops); }

  Answer RunAs(std::string_view plugin, std::string_view ops);
  Answer RunBatch(std::string_view batch);

  // Like Run, and the whole must succeed.
  Answer Must(std::string_view ops);

  Result<std::string> EnsureSchema(std::string_view schema) { return storage_->EnsureSchema(std::string(schema)); }

  // A team with the given number as last digits of its id, and agents of it (full only).
  void AddTeam(int number);
  void AddAgent(int number, int team, std::string_view name);

  static std::string Id(int number);

  [[nodiscard]] const std::string& schema() const { return schema_; }

  [[nodiscard]] Storage& storage() { return *storage_; }

  [[nodiscard]] Backend& backend() { return *backend_; }

 private:
  const std::string schema_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Storage> storage_;
};

class BasicStorage : public StorageCase {
 protected:
  BasicStorage() : StorageCase(BasicSchema()) {}
};

class FullStorage : public StorageCase {
 protected:
  FullStorage() : StorageCase(FullSchema()) {}
};

}  // namespace tutti::storage_suite
