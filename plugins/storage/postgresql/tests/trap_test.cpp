#include <atomic>
#include <thread>

#include "engine_fixture.h"

namespace tutti::storage::postgresql {
namespace {

Result<std::unique_ptr<Connection>> Connect(const PostgresqlOptions& options,
                                            Driver::Access access = Driver::Access::kWrite) {
  auto target = ReadUrl(options.url, options.connect_timeout, options.silence);
  return target.ok() ? PostgresqlConnection::Open(options, *target, access)
                     : Result<std::unique_ptr<Connection>>(target.status());
}

std::string One(Connection& connection, const std::string& sql) {
  std::string text;
  auto run = connection.Run({sql, {}}, [&](std::span<const std::string_view> fields) {
    text = fields[0];
    return Status();
  });
  return run.ok() ? text : run.status().ToString();
}

TEST_F(PostgresqlEngine, TextAfterANulIsKept) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1,"kind":"before\u0000after"}}])").ok());
  EXPECT_EQ(Sql("SELECT kind FROM a_t"),
            "before\xEF\xBF\xBD"
            "after");
}

TEST_F(PostgresqlEngine, TimesKeepMicrosecondsWhateverTheDatabaseTimeZone) {
  ASSERT_EQ(Sql("ALTER DATABASE " + options_.url.substr(options_.url.rfind('/') + 1) + " SET TIME ZONE 'Asia/Kolkata'"),
            "");
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1,"at":"2026-01-01T00:00:00.123456+05:30"}}])").ok());
  EXPECT_NE(Text(R"([{"op":"query","from":"a.t"}])").find("2025-12-31T18:30:00.123456+00:00"), std::string::npos);
}

TEST_F(PostgresqlEngine, DollarSignsInValuesAndNamesAreNoPlaceholders) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1,"kind":"costs $1 and $2 ? :name"}}])").ok());
  const std::string text = Text(
      R"([{"op":"query","from":"a.t","select":{"$1":"kind","$2":{"value":"$3"}},"where":{"kind":{"contains":"$1"}}}])");
  EXPECT_NE(text.find(R"("$1" : "costs $1 and $2 ? :name")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("$3")"), std::string::npos) << text;
}

TEST_F(PostgresqlEngine, CommitOfAFailedTransactionIsNoSuccess) {
  auto connection = Connect(options_);
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  ASSERT_TRUE((*connection)->Control("BEGIN").ok());
  EXPECT_FALSE((*connection)->Control("SELECT no_such_column").ok());
  EXPECT_TRUE((*connection)->in_transaction());
  EXPECT_EQ((*connection)->Control("COMMIT").code(), Code::kAborted);
  EXPECT_FALSE((*connection)->in_transaction());
  EXPECT_TRUE((*connection)->usable());
}

TEST_F(PostgresqlEngine, ALostSessionIsNeverUsable) {
  auto connection = Connect(options_);
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE((*connection)->Control("BEGIN").ok());
  Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  EXPECT_EQ((*connection)->Control("SELECT 1").code(), Code::kUnavailable);
  EXPECT_FALSE((*connection)->usable());
  EXPECT_EQ((*connection)->Control("SELECT 1").code(), Code::kUnavailable);
  EXPECT_FALSE((*connection)->usable());
}

TEST_F(PostgresqlEngine, StatementsArePreparedOnceAndTheCacheIsBounded) {
  options_.statement_cache = 3;
  auto connection = Connect(options_);
  ASSERT_TRUE(connection.ok());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(One(**connection, "SELECT 1"), "1");
  }
  EXPECT_EQ(One(**connection, "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 1'"), "1");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(One(**connection, "SELECT " + std::to_string(i)), std::to_string(i));
  }
  EXPECT_LE(std::stoi(One(**connection, "SELECT count(*) FROM pg_prepared_statements")), 4);
}

TEST_F(PostgresqlEngine, UuidsAreReadAsText) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(
      Run(R"([{"op":"insert","table":"a.t","row":{"id":1,"ident":"0B8F5A1E-1C1D-4F53-9A77-0D2A6C0F2B11"}}])").ok());
  EXPECT_NE(Text(R"([{"op":"query","from":"a.t"}])").find("0b8f5a1e-1c1d-4f53-9a77-0d2a6c0f2b11"), std::string::npos);
}

TEST_F(PostgresqlEngine, AUniqueViolationNamesItsConstraint) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1,"kind":"k"}}])").ok());
  const auto refused = Run(R"([{"op":"insert","table":"a.t","row":{"id":2,"kind":"k"}}])");
  EXPECT_EQ(refused.status().code(), Code::kAlreadyExists);
  EXPECT_EQ(refused.status().details(), R"({"part":0,"op":0,"table":"a.t","constraint":"a_t_kind"})");
}

TEST_F(PostgresqlEngine, MoreReadsThanSessionsWaitTheirTurn) {
  EngineOptions engine;
  engine.readers = 2;
  ASSERT_TRUE(Open(engine).ok());
  std::atomic<int> succeeded{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 16; ++i) {
    readers.emplace_back([&] { succeeded += Run(R"([{"op":"query","from":"a.t"}])").ok() ? 1 : 0; });
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(succeeded, 16);
  EXPECT_LE(
      std::stoi(Sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
                    "'tutti'")),
      3);
}

TEST_F(PostgresqlEngine, AnEndlessStatementIsStoppedByTheServer) {
  options_.statement_timeout = std::chrono::milliseconds(100);
  auto connection = Connect(options_);
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ((*connection)->Control("SELECT pg_sleep(600)").code(), Code::kDeadlineExceeded);
  EXPECT_TRUE((*connection)->usable());
}

TEST_F(PostgresqlEngine, ALockHeldElsewhereEndsInUnavailable) {
  options_.lock_timeout = std::chrono::milliseconds(100);
  ASSERT_TRUE(Open().ok());
  auto other = Connect(options_);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE((*other)->Control("BEGIN").ok());
  ASSERT_TRUE((*other)->Control("LOCK TABLE a_t IN ACCESS EXCLUSIVE MODE").ok());
  EXPECT_EQ(Run(R"([{"op":"insert","table":"a.t","row":{"id":1}}])").status().code(), Code::kUnavailable);
  ASSERT_TRUE((*other)->Control("ROLLBACK").ok());
  EXPECT_TRUE(Run(R"([{"op":"insert","table":"a.t","row":{"id":1}}])").ok());
}

TEST_F(PostgresqlEngine, HostsThatStartTogetherWaitForEachOther) {
  ASSERT_TRUE(Open().ok());
  auto other = Connect(options_);
  ASSERT_TRUE(other.ok());
  PostgresqlDriver driver(options_, *ReadUrl(options_.url, options_.connect_timeout, options_.silence));
  ASSERT_TRUE((*other)->Control("BEGIN").ok());
  ASSERT_TRUE(driver.LockSchema(**other).ok());
  auto declared = std::async(std::launch::async, [&] { return engine_->EnsureSchema(kSchema).status(); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (Sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == "0" &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  // It may not wait for the other with a lock in its hands.
  EXPECT_TRUE((*other)->Control("SET LOCAL lock_timeout = '500ms'").ok());
  const Status altered = (*other)->Control("ALTER TABLE tutti_schema ADD COLUMN IF NOT EXISTS declared text");
  EXPECT_TRUE(altered.ok()) << altered.ToString();
  EXPECT_TRUE((*other)->Control(altered.ok() ? "COMMIT" : "ROLLBACK").ok());
  const Status status = declared.get();
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST_F(PostgresqlEngine, ReadingSessionsCannotWrite) {
  auto connection = Connect(options_, Driver::Access::kRead);
  ASSERT_TRUE(connection.ok());
  EXPECT_FALSE((*connection)->Control("CREATE TABLE x (y int)").ok());
}

}  // namespace
}  // namespace tutti::storage::postgresql
