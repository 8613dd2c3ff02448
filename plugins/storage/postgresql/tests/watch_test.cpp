#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine_fixture.h"
#include "head_listener.h"
#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::storage::postgresql {
namespace {

using tutti::testing::FakeHost;
using tutti::testing::LoadedPlugin;

TEST(HeadAnnouncement, IsReadAndNothingElseIs) {
  const auto read = ReadAnnouncement("a-1 42 orchestrator with a space");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->announcer, "a-1");
  EXPECT_EQ(read->head, 42);
  EXPECT_EQ(read->stream, "orchestrator with a space");
  for (const char* text : {"", "a", "a 1", "a x s", "a 1x s", "a  s"}) {
    EXPECT_FALSE(ReadAnnouncement(text)) << text;
  }
}

// A host of its own on the fixture's database.
struct OtherHost {
  explicit OtherHost(const std::string& url, bool notify = true) : plugin(host, tutti_plugin_entry.create) {
    started = plugin.Start(JsonObject()("url", url)("notify", notify).Take());
  }

  Result<std::string> Append(const std::string& stream) {
    return plugin.Execute(R"({"parts":[{"by":"o","ops":[{"op":"append","stream":")" + stream + R"(","type":"t"}]}]})");
  }

  FakeHost host;
  LoadedPlugin plugin;
  Status started;
};

// Appends to `stream` until the watcher hears of it: its listener may still be on its way to the server.
std::string HearOf(OtherHost& writer, tutti::testing::RunningCall& watch, FakeHost& host, const std::string& stream) {
  std::string heard;
  for (int i = 0; i < 200 && heard.empty(); ++i) {
    EXPECT_TRUE(writer.Append(stream).ok());
    (void)host.WaitUntil(
        [&] {
          for (const std::string& hint : watch.TakeEvents()) {
            heard = hint.find(stream) != std::string::npos ? hint : heard;
          }
          return !heard.empty();
        },
        std::chrono::milliseconds(100));
  }
  return heard;
}

TEST_F(PostgresqlEngine, AWatcherHearsOfOtherHostsAndNotOfItsOwn) {
  OtherHost watcher(options_.url);
  OtherHost writer(options_.url);
  ASSERT_TRUE(watcher.started.ok() && writer.started.ok());
  auto watch = watcher.plugin.BeginWatch();
  std::vector<std::string> begun;
  ASSERT_TRUE(watcher.host.WaitUntil([&] { return !(begun = watch.TakeEvents()).empty(); }));
  EXPECT_EQ(begun.front(), "{}");
  EXPECT_TRUE(HearOf(writer, watch, watcher.host, "theirs").starts_with(R"({"stream":"theirs","last":)"));
  ASSERT_TRUE(watcher.Append("mine").ok());
  ASSERT_TRUE(writer.Append("end").ok());
  std::vector<std::string> heard;
  ASSERT_TRUE(watcher.host.WaitUntil([&] {
    for (std::string& hint : watch.TakeEvents()) {
      heard.push_back(std::move(hint));
    }
    return !heard.empty() && heard.back() == R"({"stream":"end","last":1})";
  }));
  for (const std::string& hint : heard) {
    EXPECT_EQ(hint.find("mine"), std::string::npos) << hint;
  }
  watch.Cancel();
  EXPECT_EQ(watch.Wait().status().code(), Code::kCancelled);
}

TEST_F(PostgresqlEngine, AWatcherListensAgainAfterItsSessionWasCut) {
  OtherHost watcher(options_.url);
  OtherHost writer(options_.url);
  auto watch = watcher.plugin.BeginWatch();
  ASSERT_NE(HearOf(writer, watch, watcher.host, "before"), "");
  Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
  EXPECT_NE(HearOf(writer, watch, watcher.host, "after"), "");
}

TEST_F(PostgresqlEngine, WithoutNotifyNobodyIsToldAndTheWatchSaysSo) {
  OtherHost watcher(options_.url, false);
  EXPECT_EQ(watcher.plugin.BeginWatch().Wait().status().code(), Code::kUnimplemented);
  OtherHost writer(options_.url);
  OtherHost listening(options_.url);
  auto watch = listening.plugin.BeginWatch();
  ASSERT_NE(HearOf(writer, watch, listening.host, "told"), "");
  ASSERT_TRUE(watcher.Append("silent").ok());
  ASSERT_TRUE(writer.Append("end").ok());
  std::string heard;
  ASSERT_TRUE(listening.host.WaitUntil([&] {
    for (const std::string& hint : watch.TakeEvents()) {
      heard += hint;
    }
    return heard.find("end") != std::string::npos;
  }));
  EXPECT_EQ(heard.find("silent"), std::string::npos) << heard;
}

TEST_F(PostgresqlEngine, AWatchEndsWithThePlugin) {
  OtherHost watcher(options_.url);
  auto watch = watcher.plugin.BeginWatch();
  watcher.plugin.Deactivate();
  EXPECT_EQ(watch.Wait().status().code(), Code::kCancelled);
}

}  // namespace
}  // namespace tutti::storage::postgresql
