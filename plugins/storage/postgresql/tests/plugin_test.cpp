#include <gtest/gtest.h>

#include "engine_fixture.h"
#include "settings.h"
#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::storage::postgresql {
namespace {

using tutti::testing::FakeHost;
using tutti::testing::LoadedPlugin;

TEST_F(PostgresqlEngine, ThePluginStoresThroughTheBoundaryWithTheUrlFromASecret) {
  FakeHost host;
  host.SetSecret("secret://DATABASE_URL", options_.url);
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  const Status started = plugin.Start(R"({"url":"secret://DATABASE_URL"})");
  ASSERT_TRUE(started.ok()) << started.ToString();
  ASSERT_TRUE(plugin.EnsureSchema(kSchema).ok());
  const auto stored = plugin.Execute(R"({"parts":[{"by":"o","ops":[{"op":"insert","table":"a.t","row":{"id":1}}]}]})");
  ASSERT_TRUE(stored.ok()) << stored.status().ToString();
  EXPECT_NE(plugin.Stats().find(R"("healthy":true)"), std::string::npos) << plugin.Stats();
  EXPECT_NE(plugin.Stats().find(R"("engine":"postgresql","version":"1)"), std::string::npos) << plugin.Stats();
}

TEST(PostgresqlUrl, FaultsAreNamedAndThePasswordIsNot) {
  for (const char* url : {"", "mysql://u:geheim@h/d", "postgresql://u:geheim@h:port/d", "postgresql://u:geheim/x@h/d",
                          "postgresql://h/d?bad=1&x=geheim", "postgresql://:geheim@h/d",
                          "postgresql://u:geheim%20wort@h/d", "postgresql://u:geheim%zz@h/d"}) {
    const auto target = ReadUrl(url, std::chrono::seconds(5), std::chrono::seconds(5));
    ASSERT_FALSE(target.ok()) << url;
    EXPECT_EQ(target.status().code(), Code::kInvalidArgument);
    EXPECT_EQ(target.status().message().find("geheim"), std::string_view::npos) << target.status().ToString();
    EXPECT_NE(target.status().message().find("url"), std::string_view::npos) << target.status().ToString();
  }
}

TEST(PostgresqlUrl, PartsAreDecodedAndDefaultsFilledIn) {
  const auto target = ReadUrl("postgresql://me:a%27b%5Cc@db.example/events?sslmode=require", std::chrono::seconds(3),
                              std::chrono::seconds(5));
  ASSERT_TRUE(target.ok()) << target.status().ToString();
  EXPECT_EQ(target->shown, "me@db.example:5432/events");
  for (const char* part : {"password=a\\'b\\\\c", "sslmode=require", "connect_timeout=3", "dbname=events"}) {
    EXPECT_NE(target->text.find(part), std::string::npos) << part;
  }
}

TEST_F(PostgresqlEngine, AWrongPasswordIsReportedWithoutAnyPassword) {
  options_.url.replace(options_.url.find("pa55"), 4, "geheim");
  const Status status = Open();
  options_.url.replace(options_.url.find("geheim"), 6, "pa55");
  EXPECT_EQ(status.code(), Code::kUnavailable) << status.ToString();
  EXPECT_EQ(status.message().find("geheim"), std::string_view::npos) << status.ToString();
  EXPECT_NE(status.message().find("tutti@127.0.0.1"), std::string_view::npos) << status.ToString();
}

TEST(PostgresqlSettings, EveryKeyIsRead) {
  auto json =
      Json::Parse(R"({"url":"u","connect_timeout_ms":1,"statement_timeout_ms":2,"lock_timeout_ms":3,"statement_cache":4,
      "readers":5,"queue_batches":6,"queue_bytes":7,"queue_wait_ms":8,"batch_bytes":9,"batch_operations":10,"result_bytes":11,
      "group_max":12,"journal_scan":13,"notify":false,"silence_ms":14,"settle_wait_ms":15})");
  const Settings settings = ReadSettings(json->view());
  EXPECT_EQ(settings.postgresql.url, "u");
  EXPECT_EQ(settings.postgresql.connect_timeout.count(), 1);
  EXPECT_EQ(settings.postgresql.statement_timeout.count(), 2);
  EXPECT_EQ(settings.postgresql.lock_timeout.count(), 3);
  EXPECT_EQ(settings.postgresql.statement_cache, 4U);
  EXPECT_EQ(settings.engine.readers, 5U);
  EXPECT_EQ(settings.engine.queue_batches, 6U);
  EXPECT_EQ(settings.engine.queue_bytes, 7U);
  EXPECT_EQ(settings.engine.queue_wait.count(), 8);
  EXPECT_EQ(settings.engine.limits.batch_bytes, 9U);
  EXPECT_EQ(settings.engine.limits.operations, 10U);
  EXPECT_EQ(settings.engine.limits.result_bytes, 11U);
  EXPECT_EQ(settings.engine.group_max, 12U);
  EXPECT_EQ(settings.engine.limits.journal_scan, 13);
  EXPECT_FALSE(settings.notify);
  EXPECT_EQ(settings.postgresql.silence.count(), 14);
  EXPECT_EQ(settings.engine.settle_wait.count(), 15);
}

}  // namespace
}  // namespace tutti::storage::postgresql
