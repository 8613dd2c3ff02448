#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "requests.h"
#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::rehearsal {
namespace {

using testing::FakeHost;
using testing::LoadedPlugin;

std::string CountSlowly() {
  return Conversation({}).Ask("count slowly").Request();
}

TEST(RehearsalPlugin, CompletesWithoutAnyConfiguration) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(R"({"delay_ms":0})").ok());
  auto call = plugin.BeginComplete(Conversation({}).Ask("hello").Request());
  const auto result = call.Wait();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  const auto json = Json::Parse(*result);
  std::string streamed;
  for (const auto& event : call.TakeEvents()) {
    const auto delta = Json::Parse(event);
    EXPECT_EQ((*delta)["type"].AsString(), "text_delta");
    streamed += (*delta)["text"].AsString();
  }
  EXPECT_EQ((*json)["content"][0]["text"].AsString(), streamed);
  EXPECT_EQ((*json)["model"].AsString(), "rehearsal");
}

TEST(RehearsalPlugin, ListsItsModelWithZeroPrices) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start().ok());
  const auto models = Json::Parse(plugin.Models());
  ASSERT_TRUE(models.ok());
  EXPECT_EQ((*models)["default"].AsString(), "rehearsal");
  EXPECT_EQ((*models)["models"][0]["prices"]["output"].AsDouble(-1), 0);
}

TEST(RehearsalPlugin, CancelEndsALongPause) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start().ok());
  auto call = plugin.BeginComplete(CountSlowly());
  ASSERT_TRUE(host.WaitUntil([&] { return !call.TakeEvents().empty(); }));
  call.Cancel();
  EXPECT_EQ(call.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(call.finish_attempts(), 1U);
}

TEST(RehearsalPlugin, WaitsForAReceiverWithAFullQueueWithoutHoldingAThread) {
  FakeHost host({.workers = 1, .event_capacity = 1});
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(R"({"delay_ms":0,"piece_characters":4})").ok());
  auto first = plugin.BeginComplete(Conversation({}).Ask("hello").Request());
  ASSERT_TRUE(host.WaitUntil([&] { return first.refused_emits() > 0; }));
  // The only worker is free for the second one.
  auto second = plugin.BeginComplete(Conversation({}).Ask("hello").Request());
  ASSERT_TRUE(host.WaitUntil([&] { return second.refused_emits() > 0; }));
  EXPECT_TRUE(host.WaitUntil([&] {
    first.TakeEvents();
    second.TakeEvents();
    return first.is_over() && second.is_over();
  }));
  EXPECT_TRUE(first.Wait().ok());
  EXPECT_TRUE(second.Wait().ok());
}

TEST(RehearsalPlugin, ReceiverThatNeverTakesAnythingEndsTheCall) {
  FakeHost host({.event_capacity = 0});
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(R"({"emit_timeout_ms":20})").ok());
  EXPECT_EQ(plugin.Complete(Conversation({}).Ask("hello").Request()).status().code(), Code::kDeadlineExceeded);
}

TEST(RehearsalPlugin, PlaysConfiguredScriptsAndRefusesBrokenOnes) {
  std::string directory = std::filesystem::temp_directory_path() / "rehearsal_XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const std::string file = directory + "/own.yaml";
  const std::string config = R"({"scripts":[)" + JsonQuote(file) + R"(,"shipped"]})";
  FakeHost host;
  std::ofstream(file)
      << "scenes: [{when: {prompt: hello}, fail: {code: UNAVAILABLE, message: gone, retry_after_ms: 7}}]";
  {
    LoadedPlugin plugin(host, tutti_plugin_entry.create);
    ASSERT_TRUE(plugin.Start(config).ok());
    const Status status = plugin.Complete(Conversation({}).Ask("hello").Request()).status();
    EXPECT_EQ(status.code(), Code::kUnavailable);
    EXPECT_EQ(status.retry_after(), std::chrono::milliseconds(7));
    EXPECT_TRUE(plugin.Complete(Conversation({}).Ask("other").Request()).ok());
  }
  std::ofstream(file) << "scenes: [{say: 7}]";
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  const Status status = plugin.Start(config);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find(file + ":1:"), std::string_view::npos) << status.ToString();
  std::filesystem::remove_all(directory);
}

TEST(RehearsalPlugin, RequestThatIsNoneIsRefused) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start().ok());
  EXPECT_EQ(plugin.Complete("[]").status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tutti::rehearsal
