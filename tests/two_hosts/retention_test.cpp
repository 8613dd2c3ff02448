// What the journal's keeper takes away, and what it leaves.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/websocket_client.h"
#include "tests/two_hosts/scribe_plugin.h"

namespace tutti::test {
namespace {

class Retention : public testing::Test {
 protected:
  void Start(const std::string& host) {
    const std::string data = directory_.MakeDirectory("data");
    file_ = data + "/tutti.db";
    const std::string config = directory_.WriteFile(
        "tutti.yaml",
        std::string("version: 1\nplugin_path: [\"${TUTTI_PLUGINS}\", \"") + InstallScribe(directory_.path()) +
            "\"]\nroles: {storage: auto}\nhost:\n  data_dir: ${TUTTI_DATA}\n" + host +
            "plugins:\n- {id: tutti.transport.http, required: true}\n"
            "- {id: tutti.storage.sqlite, as: sqlite, required: true, config: {file: \"" +
            file_ + "\"}}\n- {id: org.example.scribe, isolation: host, required: true, grants: {services: [store]}}\n");
    server_ = std::make_unique<ServerProcess>(ServerProcess::Options{
        .config = config, .data = data, .working_directory = data, .session = {}, .environment = {}});
    ASSERT_TRUE(server_->WaitUntilReady()) << server_->output();
  }

  void TearDown() override {
    if (server_) {
      EXPECT_EQ(server_->Stop(), 0) << server_->output();
    }
  }

  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      const HttpAnswer answer =
          Request(server_->port(), "POST", "/v1/commands/scribe.append", R"({"stream":"s","text":"x"})");
      ASSERT_EQ(answer.status, 200) << answer.body;
    }
  }

  // The first field of the statement's first row, by a connection of the test's own.
  std::string Sql(const std::string& statement) const {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    sqlite3_busy_timeout(database, 20000);
    std::string first;
    char* error = nullptr;
    sqlite3_exec(
        database, statement.c_str(),
        [](void* to, int count, char** fields, char**) {
          auto& text = *static_cast<std::string*>(to);
          text = text.empty() && count > 0 && fields[0] != nullptr ? fields[0] : text;
          return 0;
        },
        &first, &error);
    EXPECT_EQ(error, nullptr) << error;
    sqlite3_free(error);
    sqlite3_close(database);
    return first;
  }

  bool WaitUntil(const std::function<bool()>& holds) const {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > give_up) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }

  TemporaryDirectory directory_;
  std::string file_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(Retention, AStreamKeepsItsNewestEventsAndItsNumbers) {
  Start("  journal: {max_events: 10, trim_every_ms: 100, trim_batch: 4}\n");
  Append(25);
  EXPECT_TRUE(WaitUntil([&] { return Sql("SELECT count(*) FROM tutti_journal WHERE stream = 's'") == "10"; }));
  EXPECT_EQ(Sql("SELECT min(seq) FROM tutti_journal WHERE stream = 's'"), "16");
  WebSocketClient client(server_->port(), "/ws?stream=s&since=3");
  const int expired = client.WaitForType("expired");
  ASSERT_GE(expired, 0);
  EXPECT_EQ(client.Message(expired)["from"].AsInt(), 4);
  EXPECT_EQ(client.Message(expired)["to"].AsInt(), 15);
  EXPECT_GE(client.WaitFor([](JsonView event) { return event["seq"].AsInt() == 25; }), 0);
  Append(1);
  EXPECT_GE(client.WaitFor([](JsonView event) { return event["seq"].AsInt() == 26; }), 0);
}

TEST_F(Retention, OldEventsAndOldRowsOfTheAuditGoByAge) {
  Start("  journal: {max_age_days: 7, trim_every_ms: 100, trim_batch: 4}\n  audit: {max_age_days: 7}\n");
  Append(12);
  ASSERT_TRUE(WaitUntil([&] { return Sql("SELECT count(*) FROM host_audit") == "12"; }));
  Sql("UPDATE tutti_journal SET time = '2020-01-01T00:00:00.000000+00:00' WHERE seq <= 9");
  Sql("UPDATE host_audit SET time = '2020-01-01T00:00:00.000000+00:00' WHERE id IN (SELECT id FROM host_audit LIMIT "
      "11)");
  EXPECT_TRUE(WaitUntil([&] { return Sql("SELECT count(*) FROM tutti_journal") == "3"; }));
  EXPECT_TRUE(WaitUntil([&] { return Sql("SELECT count(*) FROM host_audit") == "1"; }));
  EXPECT_EQ(Sql("SELECT floor FROM tutti_streams WHERE stream = 's'"), "10");
}

TEST_F(Retention, ZeroKeepsEverything) {
  Start("  journal: {max_age_days: 0, max_events: 0, trim_every_ms: 100}\n  audit: {max_age_days: 7}\n");
  Append(3);
  ASSERT_TRUE(WaitUntil([&] { return Sql("SELECT count(*) FROM host_audit") == "3"; }));
  Sql("UPDATE tutti_journal SET time = '2020-01-01T00:00:00.000000+00:00'");
  Sql("UPDATE host_audit SET time = '2020-01-01T00:00:00.000000+00:00'");
  // A round has ended when the audit is empty.
  EXPECT_TRUE(WaitUntil([&] { return Sql("SELECT count(*) FROM host_audit") == "0"; }));
  EXPECT_EQ(Sql("SELECT count(*) FROM tutti_journal"), "3");
}

}  // namespace
}  // namespace tutti::test
