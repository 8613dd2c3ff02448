// From SQLite to PostgreSQL and back.
#include <filesystem>

#include "house_contract.h"
#include "postgresql_driver.h"
#include "postgresql_server.h"
#include "sqlite_driver.h"
#include "tutti/sdk/json.hpp"

namespace tutti::storage::testing {
namespace {

class FileBackend final : public EngineBackend {
 public:
  explicit FileBackend(std::string file) : file_(std::move(file)) {}

  std::unique_ptr<Engine> MakeEngine(const EngineOptions& options) override {
    return sqlite::MakeEngine(Options(), options);
  }

  std::unique_ptr<Driver> MakeDriver() override { return std::make_unique<sqlite::SqliteDriver>(Options()); }

 private:
  [[nodiscard]] sqlite::SqliteOptions Options() const {
    sqlite::SqliteOptions options;
    options.file = file_;
    options.synchronous = "off";
    return options;
  }

  const std::string file_;
};

class ServerBackend final : public EngineBackend {
 public:
  explicit ServerBackend(std::string url) { options_.url = std::move(url); }

  std::unique_ptr<Engine> MakeEngine(const EngineOptions& options) override {
    return std::move(*postgresql::MakeEngine(options_, options));
  }

  std::unique_ptr<Driver> MakeDriver() override {
    return std::make_unique<postgresql::PostgresqlDriver>(
        options_, *postgresql::ReadUrl(options_.url, options_.connect_timeout, options_.statement_timeout));
  }

 private:
  postgresql::PostgresqlOptions options_;
};

class Copy : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(PostgresqlServer::Shared(), nullptr); }

  EngineFactory File(const std::string& name) {
    const std::string file = files_.Make(name);
    return {name, [file] { return std::make_unique<FileBackend>(file); }};
  }

  // A database that is there until the server ends with the process.
  static EngineFactory Server() {
    const std::string url = PostgresqlServer::Shared()->CreateDatabase();
    return {"server", [url] { return std::make_unique<ServerBackend>(url); }};
  }

  static Status Do(HouseDatabase& database, const std::string& verb, const std::string& file) {
    return database.Maintain(JsonObject()("do", verb)("file", file)("by", "test").Take()).status();
  }

  HouseFiles files_;
};

TEST_F(Copy, ThereAndBackAgainEverythingIsTheSame) {
  HouseDatabase first(File("first.db"));
  first.Open();
  first.Fill();
  const std::string there = files_.Make("there.archive");
  const std::string back = files_.Make("back.archive");
  ASSERT_TRUE(Do(first, "archive", there).ok());
  HouseDatabase server(Server());
  Status status = Do(server, "load", there);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(server.Findings(), "");
  ASSERT_TRUE(Do(server, "archive", back).ok());
  HouseDatabase second(File("second.db"));
  status = Do(second, "load", back);
  ASSERT_TRUE(status.ok()) << status.ToString();
  // What came back is what was there at the beginning, and the other way round.
  status = Do(second, "compare", there);
  EXPECT_TRUE(status.ok()) << status.ToString();
  status = Do(first, "compare", back);
  EXPECT_TRUE(status.ok()) << status.ToString();

  // Both go on alike.
  for (HouseDatabase* database : {&server, &second}) {
    database->Open();
    const Answer next = database->Run(R"([{"op":"append","stream":"s1","type":"said"}])");
    ASSERT_TRUE(next.ok()) << next.text();
    EXPECT_EQ(next.Int("/0/0/event/seq"), 3);
  }
}

TEST_F(Copy, TheFirstDifferenceIsNamed) {
  HouseDatabase first(File("first.db"));
  first.Open();
  first.Fill();
  const std::string archive = files_.Make("one.archive");
  ASSERT_TRUE(Do(first, "archive", archive).ok());

  struct Case {
    std::string sql;
    std::string sentence;
  };

  const std::vector<Case> cases = {
      {"UPDATE a_work_things SET a_double = a_double * 2 WHERE id = 5",
       "a_work.things differs from the archive: row {\"id\":5}, column a_double: expected 0.30000000000000004, found "
       "0.6000000000000001"},
      {"UPDATE team_messages SET content = '{\"text\":\"other\"}' WHERE talk = 'b' AND number = 1",
       "row {\"talk\":\"b\",\"number\":1}, column content"},
      {"DELETE FROM team_messages WHERE talk = 'b' AND number = 2", "row {\"talk\":\"b\",\"number\":2} is missing"},
      {"INSERT INTO a_work_empty VALUES ('new')", "row {\"key\":\"new\"} is there and not in the archive"},
      {"UPDATE tutti_streams SET head = 8 WHERE stream = 's1'", "column head: expected 2, found 8"},
      {"UPDATE tutti_journal SET data = '{}' WHERE stream = 's1' AND seq = 2", "column data"},
      {"ALTER TABLE a_work_things DROP COLUMN a_text", "has no column 'a_text'"},
  };
  for (const Case& one : cases) {
    HouseDatabase server(Server());
    Status status = Do(server, "load", archive);
    ASSERT_TRUE(status.ok()) << status.ToString();
    server.Sql(one.sql);
    status = Do(server, "compare", archive);
    EXPECT_EQ(status.code(), Code::kFailedPrecondition) << one.sql;
    EXPECT_NE(status.message().find(one.sentence), std::string_view::npos) << one.sql << "\n" << status.ToString();
  }
}

}  // namespace
}  // namespace tutti::storage::testing
