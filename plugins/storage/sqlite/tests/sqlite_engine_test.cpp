#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "compiler.h"
#include "settings.h"
#include "sqlite_driver.h"
#include "sqlite_errors.h"

namespace tutti::storage::sqlite {
namespace {

constexpr std::string_view kSchema = R"({"namespace":"a","version":1,"owner":"o","tables":{"t":{"columns":{
  "id":{"type":"int64","primary":true},"kind":{"type":"text"},"done":{"type":"bool","null":false,"default":false},
  "meta":{"type":"json"},"at":{"type":"time","null":false,"default":"now"}},
  "indexes":[{"name":"a_t_meta","columns":["meta->type","at desc"]},{"name":"a_t_at","columns":["at desc","id desc"]},
  {"name":"a_t_open","columns":["kind"],"where":{"done":false}}]}}})";

class SqliteEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-sqlite-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    options_.file = (directory_ / "test.db").string();
    options_.synchronous = "off";
  }

  void TearDown() override {
    engine_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  Status Open(EngineOptions engine = {}) {
    engine_ = MakeEngine(options_, engine);
    Status status = engine_->Open();
    return status.ok() ? engine_->EnsureSchema(kSchema).status() : status;
  }

  Result<std::string> Run(const std::string& ops) {
    std::promise<Result<std::string>> promise;
    engine_->Execute("o", R"({"parts":[{"ops":)" + ops + "}]}",
                     [&](Result<std::string> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  std::string Plan(const std::string& op) {
    const Catalog none;
    auto space = ParseNamespace(kSchema, none);
    auto catalog = none.With(*space);
    const SqliteDialect dialect;
    auto json = Json::Parse(op);
    auto compiled = Compiler(**catalog, dialect, "o").Compile(json->view());
    if (!compiled.ok()) {
      return compiled.status().ToString();
    }
    auto connection = SqliteConnection::Open(options_, Driver::Access::kRead, dialect);
    std::string plan;
    auto run = (*connection)
                   ->Run({"EXPLAIN QUERY PLAN " + compiled->main.sql, compiled->main.parameters},
                         [&](std::span<const std::string_view> fields) {
                           plan.append(fields[3]).append("; ");
                           return Status();
                         });
    return run.ok() ? plan : run.status().ToString();
  }

  std::filesystem::path directory_;
  SqliteOptions options_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(SqliteEngine, AJournalOfAnEarlierVersionGoesOnWithItsEventsAndATree) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(options_.file.c_str(), &database), SQLITE_OK);
  char* error = nullptr;
  sqlite3_exec(database,
               "CREATE TABLE tutti_streams (stream TEXT NOT NULL PRIMARY KEY, head INT NOT NULL, floor INT NOT NULL) "
               "STRICT, WITHOUT ROWID;"
               "CREATE TABLE tutti_journal (stream TEXT NOT NULL, seq INT NOT NULL, time TEXT NOT NULL, type TEXT NOT "
               "NULL, run TEXT, agent TEXT, data TEXT NOT NULL, PRIMARY KEY (stream, seq)) STRICT;"
               "INSERT INTO tutti_streams VALUES ('s', 1, 1);"
               "INSERT INTO tutti_journal VALUES ('s', 1, '2026-01-01T00:00:00.000000+00:00', 't', 'r', 'a', '{}')",
               nullptr, nullptr, &error);
  ASSERT_EQ(error, nullptr) << error;
  sqlite3_close(database);
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(R"([{"op":"append","stream":"s","type":"t","agent":"b","tree":"/a/b/"}])").ok());
  const auto read = Run(R"([{"op":"journal","stream":"s","tree":"a"}])");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_NE(read->find(R"({"count":2,"first":1,"last":2,"next":2,)"), std::string::npos) << *read;
  EXPECT_NE(read->find(R"("run":"r","agent":"a","tree":null,"data":{}})"), std::string::npos) << *read;
  engine_.reset();
  ASSERT_TRUE(Open().ok());
}

TEST_F(SqliteEngine, AFilteredPageLooksAtSoManyEventsAndGoesOnWhereItStopped) {
  EngineOptions few;
  few.limits.journal_scan = 10;
  ASSERT_TRUE(Open(few).ok());
  std::string ops;
  for (int i = 1; i <= 35; ++i) {
    ops += (i > 1 ? "," : "") + std::string(R"({"op":"append","stream":"s","agent":")") +
           (i % 2 == 0 ? "even" : "odd") + R"(","type":")" + (i == 33 ? "rare" : "often") + "\"}";
  }
  ASSERT_TRUE(Run("[" + ops + "]").ok());
  // By number, and by what the index finds.
  for (const auto& [filter, pages] : {std::pair{R"("types":["rare"])", 4}, {R"("types":["rare"],"agent":"odd")", 2}}) {
    std::int64_t since = 0;
    std::int64_t found = 0;
    int read = 0;
    for (; since < 35; ++read) {
      const auto page =
          Run(std::string(R"([{"op":"journal","stream":"s",)") + filter + ",\"since\":" + std::to_string(since) + "}]");
      ASSERT_TRUE(page.ok()) << page.status().ToString();
      const auto json = Json::Parse(*page);
      const JsonView result = (*json)["results"][0][0];
      ASSERT_GT(result["next"].AsInt(), since);
      since = result["next"].AsInt();
      found += result["count"].AsInt();
    }
    EXPECT_EQ(found, 1) << filter;
    EXPECT_EQ(read, pages) << filter;
  }
}

TEST_F(SqliteEngine, QueriesUseTheDeclaredIndexes) {
  ASSERT_TRUE(Open().ok());
  EXPECT_NE(
      Plan(R"({"op":"query","from":"a.t","where":{"meta->type":"x"},"order":[{"by":"at","desc":true}],"limit":5})")
          .find("USING INDEX a_t_meta"),
      std::string::npos);
  const std::string page = Plan(
      R"({"op":"query","from":"a.t","order":[{"by":"at","desc":true}],"after":["2026-01-01T00:00:00Z",7],"limit":5})");
  EXPECT_NE(page.find("USING INDEX a_t_at"), std::string::npos) << page;
  EXPECT_EQ(page.find("TEMP B-TREE"), std::string::npos) << page;
  const std::string open = Plan(R"({"op":"query","from":"a.t","where":{"done":false,"kind":"x"}})");
  EXPECT_NE(open.find("USING INDEX a_t_open"), std::string::npos) << open;
}

TEST_F(SqliteEngine, AnEndlessStatementIsStoppedAndTheEngineGoesOn) {
  options_.statement_timeout = std::chrono::milliseconds(100);
  ASSERT_TRUE(Open().ok());
  for (int part = 0; part < 4; ++part) {
    std::string rows;
    for (int i = 0; i < 500; ++i) {
      rows += (i > 0 ? "," : "") + std::string("{\"kind\":\"k\",\"id\":") + std::to_string(part * 500 + i) + "}";
    }
    ASSERT_TRUE(Run(R"([{"op":"insert","table":"a.t","rows":[)" + rows + "]}]").ok());
  }
  const auto counted = Run(R"([{"op":"query","from":"a.t","as":"t0","select":{"n":{"count":"*"}},"join":[
      {"table":"a.t","as":"t1","on":{"t1.kind":"t0.kind"}},{"table":"a.t","as":"t2","on":{"t2.kind":"t1.kind"}},
      {"table":"a.t","as":"t3","on":{"t3.kind":"t2.kind"}}]}])");
  EXPECT_EQ(counted.status().code(), Code::kDeadlineExceeded) << counted.status().ToString();
  EXPECT_TRUE(Run(R"([{"op":"query","from":"a.t","limit":1}])").ok());
}

TEST_F(SqliteEngine, AnotherProcessHoldingTheLockAnswersUnavailableUntilItLetsGo) {
  options_.busy_timeout = std::chrono::milliseconds(20);
  ASSERT_TRUE(Open().ok());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(options_.file.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto refused = Run(R"([{"op":"insert","table":"a.t","row":{"id":1}}])");
  EXPECT_EQ(refused.status().code(), Code::kUnavailable) << refused.status().ToString();
  EXPECT_GT(refused.status().retry_after().count(), 0);
  sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1}}])").ok());
}

TEST_F(SqliteEngine, AFileThatIsNoDatabaseAnswersDataLoss) {
  std::ofstream(options_.file) << std::string(5000, 'x');
  const Status status = Open();
  EXPECT_EQ(status.code(), Code::kDataLoss) << status.ToString();
}

TEST_F(SqliteEngine, AClosedDatabaseIsOneFile) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1}}])").ok());
  ASSERT_TRUE(Run(R"([{"op":"query","from":"a.t"}])").ok());
  engine_->Close();
  EXPECT_FALSE(std::filesystem::exists(options_.file + "-wal"));
}

TEST_F(SqliteEngine, MakingTablesLeavesAConnectionAsPatientAsItWas) {
  SqliteDriver driver(options_);
  auto connection = driver.Connect(Driver::Access::kWrite);
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  const auto& own = static_cast<SqliteConnection&>(**connection);
  EXPECT_EQ(own.statement_timeout(), options_.statement_timeout);
  ASSERT_TRUE(driver.house()->SetUnhurried(**connection).ok());
  const auto patience = own.statement_timeout();
  EXPECT_GT(patience, std::chrono::hours(24));
  const Catalog none;
  auto space = ParseNamespace(kSchema, none);
  std::vector<std::string> created;
  std::vector<std::string> changed;
  ASSERT_TRUE(driver.PrepareStore(**connection).ok());
  ASSERT_TRUE(driver.Migrate(**connection, *space, created, changed).ok());
  EXPECT_EQ(own.statement_timeout(), patience);
}

TEST_F(SqliteEngine, MemoryNeedsNoFile) {
  options_.file = ":memory:";
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1}},{"op":"query","from":"a.t"}])").ok());
  EXPECT_EQ(*Run(R"([{"op":"query","from":"a.t","select":["id"]}])"),
            R"({"results":[[{"count":1,"rows":[{"id":1}]}]]})");
}

TEST_F(SqliteEngine, MoreStatementsThanTheCacheHoldsStillRun) {
  options_.statement_cache = 2;
  ASSERT_TRUE(Open().ok());
  for (const char* column : {"id", "kind", "done", "meta", "at", "id"}) {
    EXPECT_TRUE(Run(R"([{"op":"query","from":"a.t","select":[")" + std::string(column) + R"("]}])").ok()) << column;
  }
}

TEST(SqliteErrors, CodesMapToCanonicalOnes) {
  struct Case {
    int sqlite;
    Code code;
  };

  const std::vector<Case> cases = {{SQLITE_FULL, Code::kUnavailable},
                                   {SQLITE_IOERR_WRITE, Code::kUnavailable},
                                   {SQLITE_BUSY, Code::kUnavailable},
                                   {SQLITE_CORRUPT_INDEX, Code::kDataLoss},
                                   {SQLITE_CONSTRAINT_UNIQUE, Code::kAlreadyExists},
                                   {SQLITE_CONSTRAINT_FOREIGNKEY, Code::kFailedPrecondition},
                                   {SQLITE_CONSTRAINT_CHECK, Code::kInvalidArgument},
                                   {SQLITE_CONSTRAINT_NOTNULL, Code::kInvalidArgument},
                                   {SQLITE_CONSTRAINT_DATATYPE, Code::kInvalidArgument},
                                   {SQLITE_INTERRUPT, Code::kDeadlineExceeded},
                                   {SQLITE_ERROR, Code::kInternal}};
  for (const Case& one : cases) {
    EXPECT_EQ(FromSqlite(one.sqlite, "message", "testing").code(), one.code) << one.sqlite;
  }
}

TEST(SqliteSettings, EveryKeyIsRead) {
  auto json =
      Json::Parse(R"({"file":"f","synchronous":"normal","readers":1,"queue_batches":2,"queue_bytes":3,"queue_wait_ms":4,
      "batch_bytes":5,"batch_operations":6,"result_bytes":7,"group_max":8,"busy_timeout_ms":9,"statement_timeout_ms":10,
      "statement_cache":11,"checkpoint_pages":12,"check_at_start":"full","check_limit_ms":13})");
  const Settings settings = ReadSettings(json->view());
  EXPECT_EQ(settings.sqlite.file, "f");
  EXPECT_EQ(settings.sqlite.synchronous, "normal");
  EXPECT_EQ(settings.engine.readers, 1U);
  EXPECT_EQ(settings.engine.queue_batches, 2U);
  EXPECT_EQ(settings.engine.queue_bytes, 3U);
  EXPECT_EQ(settings.engine.queue_wait.count(), 4);
  EXPECT_EQ(settings.engine.limits.batch_bytes, 5U);
  EXPECT_EQ(settings.engine.limits.operations, 6U);
  EXPECT_EQ(settings.engine.limits.result_bytes, 7U);
  EXPECT_EQ(settings.engine.group_max, 8U);
  EXPECT_EQ(settings.sqlite.busy_timeout.count(), 9);
  EXPECT_EQ(settings.sqlite.statement_timeout.count(), 10);
  EXPECT_EQ(settings.sqlite.statement_cache, 11U);
  EXPECT_EQ(settings.sqlite.checkpoint_pages, 12);
  EXPECT_EQ(settings.sqlite.check_at_start, "full");
  EXPECT_EQ(settings.sqlite.check_limit.count(), 13);
}

}  // namespace
}  // namespace tutti::storage::sqlite
