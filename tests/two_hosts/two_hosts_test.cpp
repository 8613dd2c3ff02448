// Two servers on one database: clients of both see the same events in the same order, each once, whoever committed
// them.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "postgresql_server.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/websocket_client.h"
#include "tests/two_hosts/scribe_plugin.h"

namespace tutti::test {
namespace {

using storage::testing::PostgresqlServer;

struct Kind {
  const char* name;
  const char* storage;  // of the manifest
  const char* host;     // members of the section `host`
  bool is_postgresql;
};

constexpr const char* kPostgresql =
    "id: tutti.storage.postgresql, as: postgresql, required: true, config: {url: \"${DATABASE_URL}\"}";

const Kind kKinds[] = {
    // With a poll this long only what hosts tell each other can be in time.
    {"PostgresqlNotify", kPostgresql, "journal: {poll_ms: 600000}", true},
    {"PostgresqlPoll",
     "id: tutti.storage.postgresql, as: postgresql, required: true, config: {url: \"${DATABASE_URL}\", notify: false}",
     "journal: {poll_ms: 20}", true},
    {"PostgresqlApart",
     "id: tutti.storage.postgresql, as: postgresql, required: true, isolation: process, config: {url: "
     "\"${DATABASE_URL}\"}",
     "journal: {poll_ms: 600000}", true},
    {"Sqlite",
     "id: tutti.storage.sqlite, as: sqlite, required: true, config: {file: \"${DATABASE_URL}\", busy_timeout_ms: "
     "30000}",
     "journal: {poll_ms: 20}", false},
};

class TwoHosts : public testing::TestWithParam<Kind> {
 protected:
  static constexpr int kHosts = 2;

  void SetUp() override {
    url_ = directory_.path() + "/shared.db";
    if (GetParam().is_postgresql) {
      ASSERT_NE(PostgresqlServer::Shared(), nullptr);
      url_ = PostgresqlServer::Shared()->CreateDatabase();
    }
    for (int i = 0; i < kHosts; ++i) {
      StartHost();
    }
  }

  void TearDown() override {
    for (const auto& host : hosts_) {
      EXPECT_EQ(host->Stop(), 0) << host->output();
    }
    if (GetParam().is_postgresql) {
      PostgresqlServer::Shared()->DropDatabase(url_);
    }
  }

  void StartHost() {
    const std::string name = "host" + std::to_string(hosts_.size());
    const std::string data = directory_.MakeDirectory(name);
    const std::string config = directory_.WriteFile(
        name + ".yaml",
        std::string("version: 1\nplugin_path: [\"${TUTTI_PLUGINS}\", \"") + InstallScribe(directory_.path()) +
            "\"]\nroles: {storage: auto}\nhost:\n  data_dir: ${TUTTI_DATA}\n  " + GetParam().host +
            "\nplugins:\n- {id: tutti.transport.http, required: true}\n- {" + GetParam().storage +
            "}\n- {id: org.example.scribe, isolation: host, required: true, grants: {services: [store]}}\n");
    hosts_.push_back(std::make_unique<ServerProcess>(ServerProcess::Options{.config = config,
                                                                            .data = data,
                                                                            .working_directory = data,
                                                                            .session = {},
                                                                            .environment = {{"DATABASE_URL", url_}}}));
    ASSERT_TRUE(hosts_.back()->WaitUntilReady()) << hosts_.back()->output();
  }

  // Appends one event by that host; its number, 0 when it was refused.
  std::uint64_t Append(int host, const std::string& stream, const std::string& text) {
    const HttpAnswer answer =
        Request(hosts_[static_cast<std::size_t>(host)]->port(), "POST", "/v1/commands/scribe.append",
                JsonObject()("stream", stream)("text", text).Take());
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? static_cast<std::uint64_t>(answer.json()["event"]["seq"].AsInt()) : 0;
  }

  std::unique_ptr<WebSocketClient> Follow(int host, const std::string& query) {
    auto client = std::make_unique<WebSocketClient>(hosts_[static_cast<std::size_t>(host)]->port(), "/ws?" + query);
    EXPECT_EQ(client->WaitForType("connected"), 0);
    return client;
  }

  // The numbers of what the client got, once `last` is among them.
  static std::vector<std::int64_t> NumbersUpTo(WebSocketClient& client, std::int64_t last) {
    EXPECT_GE(client.WaitFor([&](JsonView event) { return event["seq"].AsInt() == last; }), 0);
    std::vector<std::int64_t> numbers;
    for (const std::string& text : client.messages()) {
      const Result<Json> event = Json::Parse(text);
      if (event.ok() && (*event)["seq"]) {
        numbers.push_back((*event)["seq"].AsInt());
      }
    }
    return numbers;
  }

  TemporaryDirectory directory_;
  std::string url_;
  std::vector<std::unique_ptr<ServerProcess>> hosts_;
};

TEST_P(TwoHosts, ClientsOfBothSeeWhatBothCommitInOneOrder) {
  constexpr int kEach = 60;
  constexpr int kWriters = 2;
  constexpr std::int64_t kAll = kHosts * kWriters * kEach;
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  for (int host = 0; host < kHosts; ++host) {
    clients.push_back(Follow(host, "stream=s&since=0"));
  }
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kHosts * kWriters; ++writer) {
    writers.emplace_back([this, writer] {
      for (int i = 0; i < kEach; ++i) {
        Append(writer % kHosts, "s", std::to_string(writer) + "." + std::to_string(i));
      }
    });
  }
  // Some come while it is under way.
  for (int host = 0; host < kHosts; ++host) {
    clients.push_back(Follow(host, "stream=s&since=0"));
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  std::vector<std::int64_t> expected;
  for (std::int64_t number = 1; number <= kAll; ++number) {
    expected.push_back(number);
  }
  for (const auto& client : clients) {
    EXPECT_EQ(NumbersUpTo(*client, kAll), expected);
  }
  std::vector<std::string> first = clients.front()->messages();
  for (const auto& client : clients) {
    EXPECT_EQ(client->messages(), first);
  }
  // What each writer did stands in its own order.
  for (int writer = 0; writer < kHosts * kWriters; ++writer) {
    int next = 0;
    for (const std::string& text : first) {
      const Result<Json> event = Json::Parse(text);
      const std::string mine = std::to_string(writer) + "." + std::to_string(next);
      next += (*event)["data"]["text"].AsString() == mine ? 1 : 0;
    }
    EXPECT_EQ(next, kEach) << "writer " << writer;
  }
}

TEST_P(TwoHosts, AClientSeesWhatOnlyTheOtherHostCommits) {
  const auto client = Follow(1, "stream=theirs&since=0");
  for (std::uint64_t i = 1; i <= 5; ++i) {
    EXPECT_EQ(Append(0, "theirs", "x"), i);
    ASSERT_GE(client->WaitFor([&](JsonView event) { return event["seq"].AsInt() == static_cast<std::int64_t>(i); }), 0)
        << "event " << i;
  }
  EXPECT_EQ(NumbersUpTo(*client, 5), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

INSTANTIATE_TEST_SUITE_P(OnOneDatabase, TwoHosts, testing::ValuesIn(kKinds),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace tutti::test
