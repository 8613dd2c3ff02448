// Requests with an Idempotency-Key against a real server, on both databases: a mark is made once, whatever is cut off.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "postgresql_server.h"
#include "tests/support/database_view.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/websocket_client.h"
#include "tutti/sdk/json.hpp"

namespace tutti::test {
namespace {

using storage::testing::PostgresqlServer;

constexpr const char* kManifest = R"(version: 1
plugin_path: ["${TUTTI_PLUGINS}", ")" TUTTI_TALLY_FOLDER R"("]
roles: {storage: auto}
host:
  data_dir: ${TUTTI_DATA}
  gateway:
    idempotency:
      wait_ms: ${WAIT_MS:-30000}
      max_answer_bytes: ${MOST_BYTES:-1048576}
      max_keys: ${MOST_KEYS:-100}
      retention_ms: ${KEPT_MS:-86400000}
plugins:
  - {id: tutti.transport.http, as: http, required: true}
  - {id: tutti.storage.sqlite, as: sqlite, required: true, config: {file: "${TUTTI_DATA}/tutti.db"}}
  - {id: tutti.storage.postgresql, as: postgresql, required: true, config: {url: "${DATABASE_URL:-}"}}
  - {id: org.example.tally, required: true, isolation: host, grants: {services: [store]}}
)";

class IdempotencyTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    config_ = directory_.WriteFile("tutti.yaml", kManifest);
    data_ = directory_.MakeDirectory("data");
    gate_ = directory_.path() + "/gate";
    if (is_postgresql()) {
      database_ = PostgresqlServer::Shared();
      ASSERT_NE(database_, nullptr);
      url_ = database_->CreateDatabase();
    }
  }

  void TearDown() override {
    server_.reset();
    if (database_ != nullptr) {
      database_->DropDatabase(url_);
    }
  }

  [[nodiscard]] static bool is_postgresql() { return std::string(GetParam()) == "postgresql"; }

  void Start(std::map<std::string, std::string> environment = {}) {
    server_.reset();
    if (is_postgresql()) {
      environment["DATABASE_URL"] = url_;
    }
    ServerProcess::Options options;
    options.config = config_;
    options.data = data_;
    options.working_directory = directory_.path();
    options.environment = std::move(environment);
    server_ = std::make_unique<ServerProcess>(options);
    ASSERT_TRUE(server_->WaitUntilReady()) << server_->output();
  }

  HttpAnswer Mark(const std::string& key, const std::string& body) {
    return Request(server_->port(), "POST", "/v1/marks", body, {{"Idempotency-Key", key}});
  }

  // Without waiting; what happens to the connection is nobody's business.
  std::future<int> MarkLater(const std::string& key, const std::string& body) {
    return std::async(std::launch::async, [port = server_->port(), key, body] {
      try {
        return Request(port, "POST", "/v1/marks", body, {{"Idempotency-Key", key}}).status;
      } catch (const std::exception&) {
        return 0;
      }
    });
  }

  std::string Count(const std::string& table, const std::string& where = "") {
    const std::string sql = "SELECT count(*) AS n FROM " + table + (where.empty() ? "" : " WHERE " + where);
    return is_postgresql() ? PostgresqlServer::Query(url_, sql)
                           : DatabaseView(data_ + "/tutti.db").Query(sql).at(0).at("n");
  }

  void WaitForCount(const std::string& table, const std::string& where, const std::string& count) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (Count(table, where) != count) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << table << " " << where << "\n" << server_->output();
      std::this_thread::yield();
    }
  }

  void OpenGate() { directory_.WriteFile("gate", "open"); }

  std::string Body(const std::string& text, const std::string& more = "") {
    return "{\"text\":\"" + text + "\"" + more + "}";
  }

  TemporaryDirectory directory_;
  std::string config_, data_, gate_, url_;
  PostgresqlServer* database_ = nullptr;
  std::unique_ptr<ServerProcess> server_;
};

TEST_P(IdempotencyTest, ARetryGetsTheFirstAnswerAlsoAfterARestart) {
  Start();
  const HttpAnswer first = Mark("\"k1\"", Body("a"));
  EXPECT_EQ(first.status, 201) << first.body;
  const HttpAnswer again = Mark("k1", Body("a"));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.at("Content-Type"), first.headers.at("Content-Type"));
  server_->Kill();
  Start();
  EXPECT_EQ(Mark("k1", Body("a")).body, first.body);
  EXPECT_EQ(Count("tally_marks"), "1");
  EXPECT_NE(Mark("k2", Body("a")).body, first.body);
  EXPECT_EQ(Count("tally_marks"), "2");
}

TEST_P(IdempotencyTest, AFailureIsAnsweredAgainAsWell) {
  Start();
  const HttpAnswer first = Mark("k1", Body("a", R"(,"fail":"behind")"));
  EXPECT_EQ(first.status, 409);
  EXPECT_EQ(Mark("k1", Body("a", R"(,"fail":"behind")")).body, first.body);
  EXPECT_EQ(Count("tally_marks"), "1");
  const HttpAnswer malformed = Mark("k2", R"({"text":7})");
  EXPECT_EQ(malformed.status, 422);
  EXPECT_EQ(Mark("k2", R"({"text":7})").body, malformed.body);
}

TEST_P(IdempotencyTest, WhatPassesByItselfIsNotKeptWhenNothingWasApplied) {
  Start();
  EXPECT_EQ(Mark("k1", Body("a", R"(,"fail":"before")")).status, 503);
  EXPECT_EQ(Count("host_idempotency"), "0");
  EXPECT_EQ(Mark("k1", Body("a")).status, 201);
}

TEST_P(IdempotencyTest, AnotherBodyUnderTheKeyIsRefused) {
  Start();
  EXPECT_EQ(Mark("k1", Body("a")).status, 201);
  EXPECT_EQ(Mark("k1", Body("b")).status, 422);
  EXPECT_EQ(Count("tally_marks"), "1");
}

TEST_P(IdempotencyTest, ABadKeyIs400AndAReadNeedsNone) {
  Start();
  EXPECT_EQ(Mark("", Body("a")).status, 400);
  EXPECT_EQ(Mark(std::string(256, 'k'), Body("a")).status, 400);
  EXPECT_EQ(Count("tally_marks"), "0");
  EXPECT_EQ(Mark(std::string(255, 'k'), Body("a")).status, 201);
  EXPECT_EQ(Request(server_->port(), "GET", "/v1/commands", "", {{"Idempotency-Key", ""}}).status, 200);
}

TEST_P(IdempotencyTest, RetriesWaitForTheFirst) {
  Start();
  const std::string body = Body("a", R"(,"behind":")" + gate_ + "\"");
  std::future<int> first = MarkLater("k1", body);
  WaitForCount("tally_marks", "", "1");
  std::future<int> second = MarkLater("k1", body);
  std::future<int> other = MarkLater("k1", Body("b"));
  EXPECT_EQ(other.get(), 422);
  OpenGate();
  EXPECT_EQ(first.get(), 201);
  EXPECT_EQ(second.get(), 201);
  EXPECT_EQ(Count("tally_marks"), "1");
}

TEST_P(IdempotencyTest, ARetryThatWaitsTooLongIsToldToComeAgain) {
  Start({{"WAIT_MS", "0"}});
  const std::string body = Body("a", R"(,"behind":")" + gate_ + "\"");
  std::future<int> first = MarkLater("k1", body);
  WaitForCount("tally_marks", "", "1");
  const HttpAnswer early = Mark("k1", body);
  EXPECT_EQ(early.status, 409);
  EXPECT_EQ(early.headers.at("Retry-After"), "1");
  OpenGate();
  EXPECT_EQ(first.get(), 201);
  EXPECT_EQ(Mark("k1", body).status, 201);
}

TEST_P(IdempotencyTest, ARequestThatWasCutOffBeforeItAppliedAnythingRunsAgain) {
  Start();
  const std::string body = Body("a", R"(,"before":")" + gate_ + "\"");
  std::future<int> first = MarkLater("k1", body);
  WaitForCount("host_idempotency", "", "1");
  server_->Kill();
  EXPECT_EQ(first.get(), 0);
  OpenGate();
  Start();
  EXPECT_EQ(Mark("k1", body).status, 201);
  EXPECT_EQ(Mark("k1", body).status, 201);
  EXPECT_EQ(Count("tally_marks"), "1");
}

TEST_P(IdempotencyTest, ARequestThatWasCutOffBehindWhatItAppliedIsNotRepeated) {
  Start();
  const std::string body = Body("a", R"(,"behind":")" + gate_ + "\"");
  std::future<int> first = MarkLater("k1", body);
  WaitForCount("tally_marks", "", "1");
  server_->Kill();
  EXPECT_EQ(first.get(), 0);
  OpenGate();
  Start();
  for (int i = 0; i < 2; ++i) {
    const HttpAnswer answer = Mark("k1", body);
    EXPECT_EQ(answer.status, 409);
    EXPECT_NE(answer.body.find("was applied, and its answer was lost"), std::string::npos) << answer.body;
    EXPECT_FALSE(answer.headers.contains("Retry-After"));
  }
  EXPECT_EQ(Count("tally_marks"), "1");
}

TEST_P(IdempotencyTest, KeysAndAnswersHaveBounds) {
  Start({{"MOST_KEYS", "2"}, {"MOST_BYTES", "10"}});
  EXPECT_EQ(Mark("k1", Body("a")).status, 201);
  const HttpAnswer again = Mark("k1", Body("a"));
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.body.find("too large to be kept"), std::string::npos) << again.body;
  EXPECT_EQ(Mark("k2", Body("a")).status, 201);
  EXPECT_EQ(Mark("k3", Body("a")).status, 429);
  EXPECT_EQ(Mark("k2", Body("a")).status, 409) << "a known key is still answered";
  EXPECT_EQ(Count("tally_marks"), "2");
}

TEST_P(IdempotencyTest, AKeyIsForgottenWhenItsTimeIsOver) {
  Start({{"KEPT_MS", "1000"}});
  const std::string first = Mark("k1", Body("a")).body;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (Mark("k1", Body("a")).body == first) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  EXPECT_EQ(Count("tally_marks"), "2");
}

TEST_P(IdempotencyTest, WebSocketRequestsHaveKeysToo) {
  Start();
  WebSocketClient client(server_->port());
  ASSERT_EQ(client.WaitForType("open"), 0);
  const auto ask = [&](int id, const std::string& text) {
    client.SendText(JsonObject()("type", "invoke")("id", id)("command", "tally.mark")("idempotency_key", "k1")
                        .Raw("args", Body(text))
                        .Take());
    const int at = client.WaitFor([&](JsonView message) { return message["id"].AsInt(-1) == id; });
    return at < 0 ? std::string("no answer") : client.Message(at).view().Dump();
  };
  const Result<Json> first = Json::Parse(ask(1, "a"));
  const Result<Json> again = Json::Parse(ask(2, "a"));
  EXPECT_TRUE((*first)["ok"].AsBool()) << first->view().Dump();
  EXPECT_EQ((*again)["result"].Dump(), (*first)["result"].Dump());
  const Result<Json> other = Json::Parse(ask(3, "b"));
  EXPECT_EQ((*other)["code"].AsString(), "INVALID_ARGUMENT");
  EXPECT_EQ(Count("tally_marks"), "1");
}

INSTANTIATE_TEST_SUITE_P(Databases, IdempotencyTest, testing::Values("sqlite", "postgresql"),
                         [](const auto& database) { return std::string(database.param); });

}  // namespace
}  // namespace tutti::test
