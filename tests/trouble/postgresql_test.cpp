// The server while PostgreSQL goes away in all the ways it can, under load.
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "postgresql_server.h"
#include "tests/support/live_server.h"
#include "tests/support/tcp_proxy.h"
#include "tests/trouble/workload.h"

namespace tutti::test {
namespace {

using storage::testing::PostgresqlServer;

class PostgresqlTrouble : public LiveServer {
 protected:
  void SetUp() override {
    LiveServer::SetUp();
    database_ = PostgresqlServer::Shared();
    ASSERT_NE(database_, nullptr);
    url_ = database_->CreateDatabase();
    const std::size_t colon = url_.rfind(':');
    const std::size_t slash = url_.find('/', colon);
    proxy_ =
        std::make_unique<TcpProxy>(static_cast<std::uint16_t>(std::stoi(url_.substr(colon + 1, slash - colon - 1))));
    Unlist("tutti.storage.sqlite");
    List("tutti.storage.postgresql", "required: true, config: {url: \"" + url_.substr(0, colon + 1) +
                                         std::to_string(proxy_->port()) + url_.substr(slash) +
                                         "\", silence_ms: 200, connect_timeout_ms: 2000, settle_wait_ms: 500}");
    SetHost("  storage: {breaker: {pause_ms: 100, slow_ms: 1000}}\n");
    Install("ledger", "ledger");
    List("org.example.ledger", "grants: {services: [store]}");
    Start();
    load_ = std::make_unique<Workload>(server().port());
    const HttpAnswer first = load_->Put();
    ASSERT_EQ(first.status, 200) << first.body << server().output();
  }

  void TearDown() override {
    load_->Stop();
    proxy_->Pass();
    EXPECT_EQ(Stop(), 0) << server().output();
    database_->DropDatabase(url_);
  }

  HttpAnswer Ready() { return Request(server().port(), "GET", "/health/ready"); }

  // No model runs here, so that the whole is never ready.
  bool WaitForStorage(bool is_ready) {
    return WaitUntil([&] { return Ready().json()["dependencies"]["storage"]["ready"].AsBool() == is_ready; });
  }

  // What holds while the database is away: everybody is told, and nothing else stops.
  void ExpectTold() {
    ASSERT_TRUE(WaitForStorage(false)) << Ready().body;
    const HttpAnswer ready = Ready();
    EXPECT_NE(ready.headers.find("Retry-After"), ready.headers.end());
    EXPECT_FALSE(ready.json()["dependencies"]["storage"]["reason"].AsString().empty()) << ready.body;
    EXPECT_EQ(Request(server().port(), "GET", "/health").status, 200);
  }

  // Without anybody's doing.
  void ExpectBack() {
    EXPECT_TRUE(WaitForStorage(true)) << Ready().body << server().output();
    EXPECT_TRUE(load_->WaitForAcknowledged(20)) << Ready().body;
  }

  PostgresqlServer* database_ = nullptr;
  std::string url_;
  std::unique_ptr<TcpProxy> proxy_;
  std::unique_ptr<Workload> load_;
};

TEST_F(PostgresqlTrouble, StoppedAtOnceUnderLoadAndStartedAgain) {
  load_->Start(4);
  ASSERT_TRUE(load_->WaitForAcknowledged(50));
  database_->Stop(PostgresqlServer::StopMode::kImmediate);
  ASSERT_TRUE(load_->WaitForRefused(50));
  ExpectTold();
  ASSERT_TRUE(WaitUntil([&] { return Metric("tutti_storage_breaker_state{lane=\"write\"}") == 2; }));
  EXPECT_GE(Metric("tutti_storage_breaker_opened_total{lane=\"write\"}"), 1);
  EXPECT_GE(Metric("tutti_storage_breaker_refused_total{lane=\"write\"}"), 1);
  EXPECT_GT(Metric("tutti_storage_last_error_timestamp_seconds{lane=\"write\"}"), 0);
  const HttpAnswer told = Ready();
  EXPECT_EQ(told.json()["dependencies"]["storage"]["breaker"]["write"]["state"].AsString(), "open") << told.body;
  ASSERT_TRUE(database_->Start()) << database_->error();
  ExpectBack();
  load_->Stop();
  EXPECT_EQ(Metric("tutti_storage_breaker_state{lane=\"write\"}"), 0);
  load_->Check(server().port());
}

TEST_F(PostgresqlTrouble, ReturnsIsNoticedWhileNobodyAsksForAnything) {
  ASSERT_EQ(load_->Put().status, 200);
  proxy_->Cut();
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(load_->Put().status, 503);
  }
  EXPECT_GE(Metric("tutti_storage_breaker_state{lane=\"write\"}"), 1);
  proxy_->Pass();
  // Only the metrics are looked at, which ask no database.
  EXPECT_TRUE(WaitUntil([&] { return Metric("tutti_storage_breaker_state{lane=\"write\"}") == 0; })) << Ready().body;
  EXPECT_EQ(load_->Put().status, 200);
  load_->Check(server().port());
}

TEST_F(PostgresqlTrouble, SessionsKilledAtRandomUnderLoad) {
  load_->Start(4);
  for (int i = 0; i < 40; ++i) {
    PostgresqlServer::Query(
        url_,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        "pg_backend_pid() ORDER BY random() LIMIT 1");
  }
  ExpectBack();
  load_->Stop();
  load_->Check(server().port());
}

TEST_F(PostgresqlTrouble, TheWayIsCutSlowAndSilentUnderLoad) {
  load_->Start(4);
  ASSERT_TRUE(load_->WaitForAcknowledged(20));
  proxy_->Cut();
  ASSERT_TRUE(load_->WaitForRefused(20));
  ExpectTold();
  proxy_->Pass();
  ExpectBack();
  proxy_->Silence();
  ASSERT_TRUE(load_->WaitForRefused(20));
  ExpectTold();
  proxy_->Pass();
  ExpectBack();
  proxy_->Delay(std::chrono::milliseconds(20));
  ASSERT_TRUE(load_->WaitForAcknowledged(5));
  proxy_->LoseAt("; COMMIT", TcpProxy::Loss::kAnswer, 3);
  ASSERT_TRUE(WaitUntil([&] { return proxy_->losses() >= 3; }));
  proxy_->Pass();
  ExpectBack();
  load_->Stop();
  load_->Check(server().port());
}

TEST_F(PostgresqlTrouble, RestAndSlashSayWhenToComeBack) {
  database_->Stop();
  const std::string id = R"("00000000-0000-4000-8000-000000000001")";
  for (int i = 0; i < 10; ++i) {  // with the breaker closed, and with it open
    const HttpAnswer problem = Run("ledger.put", "{\"id\":" + id + "}");
    EXPECT_EQ(problem.status, 503) << problem.body;
    EXPECT_GT(std::stoi(problem.headers.at("Retry-After")), 0);
    EXPECT_EQ(problem.json()["code"].AsString(), "UNAVAILABLE") << problem.body;
    const HttpAnswer slash = Request(server().port(), "POST", "/v1/slash",
                                     R"({"text":"/ledger.put {\"id\":\"00000000-0000-4000-8000-000000000001\"}"})");
    EXPECT_EQ(slash.status, 503) << slash.body;
    EXPECT_GT(std::stoi(slash.headers.at("Retry-After")), 0);
  }
  ASSERT_TRUE(database_->Start()) << database_->error();
  EXPECT_TRUE(WaitForStorage(true));
  EXPECT_EQ(load_->Put().status, 200);
  load_->Check(server().port());
}

}  // namespace
}  // namespace tutti::test
