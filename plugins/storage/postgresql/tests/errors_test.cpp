// From SQLSTATE to codes: the whole table, and what a real server says.
#include "engine_fixture.h"
#include "postgresql_errors.h"

namespace tutti::storage::postgresql {
namespace {

TEST(PostgresqlErrors, EverySqlstateHasItsCode) {
  struct Case {
    const char* state;
    Code code;
    bool has_hint;
  };

  const Case cases[] = {{"", Code::kUnavailable, true},       // the connection failed
                        {"08006", Code::kUnavailable, true},  // connection_failure
                        {"22003", Code::kInvalidArgument, false},
                        {"22P02", Code::kInvalidArgument, false},
                        {"23502", Code::kInvalidArgument, false},
                        {"23503", Code::kFailedPrecondition, false},
                        {"23505", Code::kAlreadyExists, false},
                        {"23514", Code::kInvalidArgument, false},
                        {"23P01", Code::kAlreadyExists, false},
                        {"25006", Code::kUnavailable, true},  // read_only_sql_transaction: a standby
                        {"25P03", Code::kUnavailable, true},  // idle_in_transaction_session_timeout
                        {"28P01", Code::kFailedPrecondition, false},
                        {"2BP01", Code::kFailedPrecondition, false},
                        {"3D000", Code::kFailedPrecondition, false},
                        {"40001", Code::kAborted, true},  // serialization_failure
                        {"40P01", Code::kAborted, true},  // deadlock_detected
                        {"42501", Code::kFailedPrecondition, false},
                        {"42601", Code::kInternal, false},  // syntax_error: SQL is the engine's own
                        {"42P01", Code::kFailedPrecondition, false},
                        {"53000", Code::kUnavailable, true},
                        {"53100", Code::kUnavailable, true},  // disk_full
                        {"53200", Code::kUnavailable, true},  // out_of_memory
                        {"53300", Code::kUnavailable, true},  // too_many_connections
                        {"53400", Code::kUnavailable, true},  // configuration_limit_exceeded
                        {"54000", Code::kInvalidArgument, false},
                        {"55006", Code::kUnavailable, true},  // object_in_use
                        {"55P03", Code::kUnavailable, true},  // lock_not_available
                        {"57014", Code::kDeadlineExceeded, false},
                        {"57P01", Code::kUnavailable, true},  // admin_shutdown
                        {"57P02", Code::kUnavailable, true},  // crash_shutdown
                        {"57P03", Code::kUnavailable, true},  // cannot_connect_now
                        {"57P04", Code::kUnavailable, true},  // database_dropped
                        {"57P05", Code::kUnavailable, true},  // idle_session_timeout
                        {"58030", Code::kUnavailable, true},  // io_error
                        {"72000", Code::kAborted, true},      // snapshot_too_old
                        {"XX000", Code::kInternal, false},
                        {"XX001", Code::kDataLoss, false},  // data_corrupted
                        {"XX002", Code::kDataLoss, false}};
  for (const Case& one : cases) {
    const Status status = FromServer({one.state, "what the server says", "name", "column"});
    EXPECT_EQ(status.code(), one.code) << one.state << " " << status.ToString();
    EXPECT_EQ(status.retry_after().count() > 0, one.has_hint) << one.state;
  }
  EXPECT_NE(FromServer({"53100", "could not extend file", "", ""}).message().find("free space"),
            std::string_view::npos);
}

class ServerErrors : public PostgresqlEngine {
 protected:
  std::unique_ptr<Connection> Connect() {
    auto target = ReadUrl(options_.url, options_.connect_timeout, options_.silence);
    auto connection = PostgresqlConnection::Open(options_, *target, Driver::Access::kWrite);
    EXPECT_TRUE(connection.ok()) << connection.status().ToString();
    return connection.ok() ? std::move(*connection) : nullptr;
  }

  [[nodiscard]] std::string Database() const { return options_.url.substr(options_.url.rfind('/') + 1); }
};

TEST_F(ServerErrors, ASerializationFailureIsAborted) {
  const auto one = Connect();
  const auto other = Connect();
  ASSERT_TRUE(one && other);
  ASSERT_TRUE(one->Control("CREATE TABLE x (y int); INSERT INTO x VALUES (1)").ok());
  ASSERT_TRUE(one->Control("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM x").ok());
  ASSERT_TRUE(other->Control("UPDATE x SET y = 2").ok());
  const Status status = one->Control("UPDATE x SET y = 3");
  EXPECT_EQ(status.code(), Code::kAborted) << status.ToString();
  EXPECT_GT(status.retry_after().count(), 0);
  EXPECT_TRUE(one->usable());
}

TEST_F(ServerErrors, ALimitOfTheServerIsUnavailable) {
  const auto connection = Connect();
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->Control("SET temp_file_limit = '64kB'; SET work_mem = '64kB'").ok());
  const Status status = connection->Control("SELECT * FROM generate_series(1, 100000) AS n ORDER BY md5(n::text)");
  EXPECT_EQ(status.code(), Code::kUnavailable) << status.ToString();
  EXPECT_NE(status.message().find("temp_file_limit"), std::string_view::npos) << status.ToString();
}

TEST_F(ServerErrors, TooManyConnectionsAreUnavailable) {
  Sql("CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 0");
  options_.url.replace(options_.url.find("//"), options_.url.find('@') - options_.url.find("//"), "//narrow:narrow");
  const Status status = Open();
  EXPECT_EQ(status.code(), Code::kUnavailable) << status.ToString();
  EXPECT_NE(status.message().find("too many connections"), std::string_view::npos) << status.ToString();
  EXPECT_GT(status.retry_after().count(), 0);
}

TEST_F(ServerErrors, AServerThatBecomesReadOnlyIsUnavailableForWritersUntilItIsPromoted) {
  ASSERT_TRUE(Open().ok());
  Sql("ALTER DATABASE " + Database() + " SET default_transaction_read_only = on");
  Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  const auto refused = Run(R"([{"op":"insert","table":"a.t","row":{"id":1}}])");
  EXPECT_EQ(refused.status().code(), Code::kUnavailable) << refused.status().ToString();
  EXPECT_NE(refused.status().message().find("read-only"), std::string_view::npos) << refused.status().ToString();
  EXPECT_TRUE(Run(R"([{"op":"query","from":"a.t"}])").ok());
  EXPECT_NE(engine_->Stats().find(R"("healthy":false)"), std::string::npos) << engine_->Stats();
  PostgresqlServer::Query(server().Url("postgres"),
                          "ALTER DATABASE " + Database() + " RESET default_transaction_read_only");
  const auto stored = Run(R"([{"op":"insert","table":"a.t","row":{"id":1}}])");
  EXPECT_TRUE(stored.ok()) << stored.status().ToString();
}

}  // namespace
}  // namespace tutti::storage::postgresql
