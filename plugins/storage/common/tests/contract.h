// The contract suite: the same cases for every engine. An engine's test binary links tutti_storage_contract and
// instantiates StorageContract with a backend of its own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "engine.h"

namespace tutti::storage::testing {

// One fresh database. Engines opened on it one after the other see the same data.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::unique_ptr<Engine> MakeEngine(const EngineOptions& options) = 0;
};

struct BackendFactory {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
};

inline void PrintTo(const BackendFactory& factory, std::ostream* out) {
  *out << factory.name;
}

// A parsed result or the status, with short ways to look into it by RFC 6901 pointer.
class Answer {
 public:
  explicit Answer(Result<std::string> result);

  [[nodiscard]] bool ok() const { return result_.ok(); }

  [[nodiscard]] Status status() const { return result_.status(); }

  [[nodiscard]] std::string text() const { return result_.ok() ? *result_ : result_.status().ToString(); }

  // The value below {"results":[[...]]} as JSON text: At("/0/0/rows/0/name") == "\"ada\""; "absent" when there is none.
  [[nodiscard]] std::string At(std::string_view pointer) const;

  [[nodiscard]] std::int64_t Int(std::string_view pointer) const { return std::stoll(At(pointer)); }

 private:
  Result<std::string> result_;
  std::shared_ptr<rapidjson::Document> document_;
};

class StorageContract : public ::testing::TestWithParam<BackendFactory> {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Closes the engine and opens another on the same database, with the suite's schema.
  void Reopen(const EngineOptions& options = {});

  // Runs `ops`, a JSON array, as the owner of the suite's tables, and waits.
  Answer Run(std::string_view ops) { return RunAs("test.owner", ops); }

  Answer RunAs(std::string_view plugin, std::string_view ops);
  Answer RunBatch(std::string_view batch);

  // Like Run, and the whole must succeed.
  Answer Must(std::string_view ops);

  // A team with the given number as last digits of its id, and agents of it.
  void AddTeam(int number);
  void AddAgent(int number, int team, std::string_view name);

  static std::string Id(int number);

  [[nodiscard]] Engine& engine() { return *engine_; }

  [[nodiscard]] Backend& backend() { return *backend_; }

  void CloseEngine() { engine_.reset(); }

 private:
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Engine> engine_;
};

// The suite's tables, namespace "lab", owner "test.owner".
std::string_view Schema();

}  // namespace tutti::storage::testing
