// What stands between engine and server goes wrong.
#include <atomic>
#include <chrono>
#include <thread>

#include "engine_fixture.h"
#include "tests/support/tcp_proxy.h"

namespace tutti::storage::postgresql {
namespace {

using std::chrono::milliseconds;
using test::TcpProxy;

// In the text of every COMMIT of the engine, and of nothing else.
constexpr const char* kCommit = "; COMMIT";

class Faults : public PostgresqlEngine {
 protected:
  void SetUp() override {
    PostgresqlEngine::SetUp();
    direct_ = options_.url;
    const std::size_t colon = direct_.rfind(':');
    const std::size_t slash = direct_.find('/', colon);
    proxy_ =
        std::make_unique<TcpProxy>(static_cast<std::uint16_t>(std::stoi(direct_.substr(colon + 1, slash - colon - 1))));
    options_.url = direct_.substr(0, colon + 1) + std::to_string(proxy_->port()) + direct_.substr(slash);
    options_.silence = milliseconds(200);
    options_.connect_timeout = milliseconds(2000);  // libpq's least
    engine_options_.settle_wait = milliseconds(1000);
  }

  void TearDown() override {
    proxy_->Pass();
    engine_.reset();
    options_.url = direct_;
    PostgresqlEngine::TearDown();
  }

  // A row and its event; with an id, so that another try is known to be one.
  Result<std::string> Store(int id, const std::string& name = {}) {
    const std::string row = std::to_string(id);
    std::promise<Result<std::string>> promise;
    engine_->Execute("o",
                     "{" + (name.empty() ? "" : "\"id\":\"" + name + "\",") +
                         R"("parts":[{"ops":[{"op":"insert","table":"a.t","row":{"id":)" + row +
                         R"(}},{"op":"append","stream":"s","type":"stored","data":{"id":)" + row + "}}]}]}",
                     [&](Result<std::string> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  // Tries it until the database is back.
  Result<std::string> Eventually(int id, const std::string& name = {}) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    auto result = Store(id, name);
    while (!result.ok() && result.status().code() == Code::kUnavailable &&
           std::chrono::steady_clock::now() < deadline) {
      result = Store(id, name);
    }
    return result;
  }

  // "rows events first last": what a database without loss, doubles or gaps says of the ids 1 to n is "n n 1 n".
  std::string Content() {
    return PostgresqlServer::Query(
        direct_,
        "SELECT (SELECT count(*) FROM a_t) || ' ' || count(DISTINCT data) || ' ' || min(seq) || ' ' || max(seq) FROM "
        "tutti_journal WHERE stream = 's'");
  }

  std::string direct_;
  EngineOptions engine_options_;
  std::unique_ptr<TcpProxy> proxy_;
};

TEST_F(Faults, ACommitWhoseAnswerIsLostIsReportedAsItEnded) {
  ASSERT_TRUE(Open(engine_options_).ok());
  proxy_->LoseAt(kCommit, TcpProxy::Loss::kAnswer);
  const auto stored = Store(1);
  EXPECT_TRUE(stored.ok()) << stored.status().ToString();
  EXPECT_EQ(proxy_->losses(), 1);
  EXPECT_TRUE(Store(2).ok());
  EXPECT_EQ(Content(), "2 2 1 2");
}

TEST_F(Faults, ACommitThatDoesNotArriveIsMadeOnce) {
  ASSERT_TRUE(Open(engine_options_).ok());
  proxy_->LoseAt(kCommit, TcpProxy::Loss::kRequest);
  const auto stored = Store(1);
  EXPECT_TRUE(stored.ok()) << stored.status().ToString();
  EXPECT_EQ(proxy_->losses(), 1);
  EXPECT_EQ(Content(), "1 1 1 1");
}

TEST_F(Faults, ASessionThatGoesSilentInCommitLeavesNoLockBehind) {
  ASSERT_TRUE(Open(engine_options_).ok());
  ASSERT_TRUE(Store(1).ok());
  // The server keeps the session, its transaction and the lock on the stream's head.
  proxy_->LoseAt(kCommit, TcpProxy::Loss::kSilence);
  const auto stored = Store(2);
  EXPECT_TRUE(stored.ok()) << stored.status().ToString();
  EXPECT_EQ(proxy_->losses(), 1);
  EXPECT_EQ(Content(), "2 2 1 2");
}

TEST_F(Faults, AnUnknownOutcomeIsSaidAndTheNextTryIsNotAppliedTwice) {
  ASSERT_TRUE(Open(engine_options_).ok());
  for (const auto loss : {TcpProxy::Loss::kAnswer, TcpProxy::Loss::kRequest}) {
    const int id = loss == TcpProxy::Loss::kAnswer ? 1 : 2;
    const std::string name = "step " + std::to_string(id);
    proxy_->LoseAt(kCommit, loss, 1, true);
    const auto unknown = Store(id, name);
    EXPECT_EQ(unknown.status().code(), Code::kUnavailable) << unknown.status().ToString();
    EXPECT_NE(unknown.status().message().find("unknown"), std::string_view::npos) << unknown.status().ToString();
    EXPECT_NE(engine_->Stats().find(R"("healthy":false)"), std::string::npos) << engine_->Stats();
    proxy_->Pass();
    const auto stored = Eventually(id, name);
    EXPECT_TRUE(stored.ok()) << stored.status().ToString();
    EXPECT_NE(stored.ok() ? stored->find("\"seq\":" + std::to_string(id)) : std::string::npos, std::string::npos);
  }
  EXPECT_EQ(proxy_->losses(), 2);
  EXPECT_EQ(Content(), "2 2 1 2");
}

TEST_F(Faults, SilenceEndsInUnavailableAndIsRecoveredFrom) {
  ASSERT_TRUE(Open(engine_options_).ok());
  ASSERT_TRUE(Store(1).ok());
  proxy_->Silence();
  const auto write = Store(2, "step 2");
  EXPECT_EQ(write.status().code(), Code::kUnavailable) << write.status().ToString();
  const auto read = Run(R"([{"op":"query","from":"a.t"}])");
  EXPECT_EQ(read.status().code(), Code::kUnavailable) << read.status().ToString();
  EXPECT_NE(engine_->Stats().find(R"("healthy":false)"), std::string::npos) << engine_->Stats();
  proxy_->Pass();
  EXPECT_TRUE(Eventually(2, "step 2").ok());
  EXPECT_EQ(Content(), "2 2 1 2");
}

TEST_F(Faults, OpeningThroughSilenceAndThroughACutEndsInUnavailable) {
  proxy_->Silence();
  EXPECT_EQ(Open(engine_options_).code(), Code::kUnavailable);
  proxy_->Pass();
  proxy_->Cut();
  EXPECT_EQ(Open(engine_options_).code(), Code::kUnavailable);
}

TEST_F(Faults, AStatementTheServerWorksOnIsWaitedFor) {
  auto target = ReadUrl(options_.url, options_.connect_timeout, options_.silence);
  ASSERT_TRUE(target.ok());
  auto connection = PostgresqlConnection::Open(options_, *target, Driver::Access::kWrite);
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  // Five times as long as the silence that makes it ask.
  EXPECT_TRUE((*connection)->Control("SELECT pg_sleep(1)").ok());
  EXPECT_TRUE((*connection)->usable());
}

TEST_F(Faults, ASlowWayIsNotTakenForALostOne) {
  options_.silence = milliseconds(1000);
  ASSERT_TRUE(Open(engine_options_).ok());
  proxy_->Delay(milliseconds(60));
  EXPECT_TRUE(Store(1).ok());
  proxy_->Pass();
  proxy_->Throttle(200000);
  const std::string text(100000, 'x');
  const auto stored = Run(R"([{"op":"insert","table":"a.t","row":{"id":2,"kind":")" + text + R"("}}])");
  EXPECT_TRUE(stored.ok()) << stored.status().ToString();
  const auto read = Run(R"([{"op":"query","from":"a.t","where":{"id":2}}])");
  EXPECT_TRUE(read.ok() && read->find(text) != std::string::npos) << read.status().ToString();
  proxy_->Pass();
  EXPECT_EQ(Content(), "2 1 1 1");
}

TEST_F(Faults, UnderLoadWithCutsSilenceAndLostCommitsEverythingIsThereOnce) {
  ASSERT_TRUE(Open(engine_options_).ok());
  constexpr int kThreads = 4;
  constexpr int kEach = 20;
  std::atomic<int> failed{0};
  std::atomic<int> done{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < kThreads; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i, ++done) {
        const int id = w * 1000 + i;
        failed += Eventually(id, "w" + std::to_string(id)).ok() ? 0 : 1;
      }
    });
  }
  for (int round = 0; done < kThreads * kEach; ++round) {
    const int before = done;
    switch (round % 4) {
      case 0:
        proxy_->LoseAt(kCommit, TcpProxy::Loss::kAnswer);
        break;
      case 1:
        proxy_->LoseAt(kCommit, TcpProxy::Loss::kRequest);
        break;
      case 2:
        proxy_->Cut();
        std::this_thread::yield();
        proxy_->Pass();
        break;
      default:
        proxy_->LoseAt(kCommit, TcpProxy::Loss::kSilence);
        break;
    }
    // The next trouble comes when something went well again.
    while (done == before && done < kThreads * kEach) {
      std::this_thread::yield();
    }
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(failed, 0);
  EXPECT_GE(proxy_->losses(), 3);
  const std::string all = std::to_string(kThreads * kEach);
  EXPECT_EQ(Content(), all + " " + all + " 1 " + all);
}

}  // namespace
}  // namespace tutti::storage::postgresql
