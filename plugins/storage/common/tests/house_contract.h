// Keeping house, the same for every engine: archives, checks, export and erasure, on tables with every type of column.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine_contract.h"

namespace tutti::storage::testing {

// Namespaces `team` and `work`: every type, references within, across and to oneself, `agent` and `rules`.
const std::vector<std::string>& HouseSchemas();

// A few rows of everything, with values that are hard to keep: as batches of test.owner.
const std::vector<std::string>& HouseRows();

// One database and an engine on it.
class HouseDatabase {
 public:
  explicit HouseDatabase(const EngineFactory& factory) : backend_(factory.make()) {}

  // Opens the engine and makes the tables.
  void Open();

  void Close() { engine_.reset(); }

  void Fill();

  Answer Run(std::string_view ops);
  Result<std::string> Maintain(const std::string& request);

  // The sentences of a check, one per line; a failure's text.
  std::string Findings();

  // SQL past the engine.
  void Sql(const std::string& sql);

  [[nodiscard]] Engine& engine() { return *engine_; }

 private:
  std::unique_ptr<EngineBackend> backend_;
  std::unique_ptr<Engine> engine_;
};

// A directory that goes away with the test.
class HouseFiles {
 public:
  HouseFiles();
  ~HouseFiles();
  HouseFiles(const HouseFiles&) = delete;
  HouseFiles& operator=(const HouseFiles&) = delete;

  // An empty file.
  [[nodiscard]] std::string Make(const std::string& name) const;

 private:
  std::filesystem::path directory_;
};

std::string ReadAll(const std::string& file);
void WriteAll(const std::string& file, std::string_view bytes);
// The lines of an archive.
std::string Unpacked(const std::string& file);

// Every declared row and event of a database, in canonical form: what an archive holds without its head.
std::string Content(HouseDatabase& database, const HouseFiles& files);

class HouseContract : public ::testing::TestWithParam<EngineFactory> {
 protected:
  void SetUp() override;

  HouseFiles files_;
};

}  // namespace tutti::storage::testing
