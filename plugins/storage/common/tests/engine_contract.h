// Cases that need an engine rather than a storage: its bounds, its queue, its commits in groups. And the way to run the
// storage suite (plugin-api/storage-suite) against an engine without its plugin.
//
// A test binary links tutti_storage_contract and instantiates EngineContract, BasicStorage and FullStorage.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "engine.h"
#include "suite.h"

namespace tutti::storage::testing {

using storage_suite::Answer;
using storage_suite::BasicStorage;
using storage_suite::FullStorage;

// One fresh database. Engines made on it see the same data.
class EngineBackend {
 public:
  virtual ~EngineBackend() = default;
  virtual std::unique_ptr<Engine> MakeEngine(const EngineOptions& options) = 0;
  // For what goes past the engine.
  virtual std::unique_ptr<Driver> MakeDriver() = 0;
};

struct EngineFactory {
  std::string name;
  std::function<std::unique_ptr<EngineBackend>()> make;
};

inline void PrintTo(const EngineFactory& factory, std::ostream* out) {
  *out << factory.name;
}

// The suite's view of such a database.
storage_suite::BackendFactory AsStorage(const EngineFactory& factory);

class EngineContract : public ::testing::TestWithParam<EngineFactory> {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Closes the engine and opens another on the same database, with the suite's full schema.
  void Reopen(const EngineOptions& options = {});

  Answer Run(std::string_view ops);
  Answer RunBatch(std::string_view batch);

  // Like Run, and the whole must succeed.
  Answer Must(std::string_view ops);

  [[nodiscard]] Engine& engine() { return *engine_; }

 private:
  std::unique_ptr<EngineBackend> backend_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace tutti::storage::testing
