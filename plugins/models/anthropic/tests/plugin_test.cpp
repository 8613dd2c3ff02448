#include <gtest/gtest.h>

#include "tests/support/fake_anthropic/fake_peer.h"
#include "tests/support/fake_anthropic/message_stream.h"
#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::anthropic {
namespace {

using fake_anthropic::FakePeer;
using fake_anthropic::Reply;
using testing::FakeHost;
using testing::LoadedPlugin;

constexpr const char* kRequest = R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})";

Reply Whole() {
  Reply reply;
  reply.headers = {{"content-type", "text/event-stream"}, {"request-id", "req_1"}};
  reply.body = fake_anthropic::ToSse(fake_anthropic::MessageEvents(
      R"({"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2},"content":[{"type":"text","text":"good day"}]})",
      1));
  reply.times = 0;
  return reply;
}

Reply Hanging() {
  Reply reply = Whole();
  reply.body.clear();
  reply.end = Reply::End::kHang;
  return reply;
}

std::string ConfigFor(const FakePeer& peer, const char* more = "") {
  return R"({"base_url":")" + peer.url() + R"(","api_key":"secret://KEY")" + more + "}";
}

TEST(AnthropicPlugin, StreamsThroughTheHostAndUsesTheSecret) {
  FakePeer peer;
  peer.Add(Whole());
  FakeHost host;
  host.SetSecret("secret://KEY", "sk-1");
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(ConfigFor(peer)).ok());
  auto call = plugin.BeginComplete(kRequest);
  const auto result = call.Wait();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(
      *result,
      R"({"model":"claude-sonnet-4-5-20250929","stop_reason":"end_turn","content":[{"type":"text","text":"good day"}],)"
      R"("usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":0,"cache_creation_input_tokens":0},)"
      R"("cost_usd":null,"request_id":"req_1"})");
  EXPECT_EQ(call.TakeEvents().size(), 8U);
  EXPECT_EQ(peer.received().at(0).headers.at("x-api-key"), "sk-1");
}

TEST(AnthropicPlugin, WithoutAKeyItLoadsAndSaysWhatIsMissing) {
  FakePeer peer;
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(ConfigFor(peer)).ok());
  const Status status = plugin.Complete(kRequest).status();
  EXPECT_EQ(status.code(), Code::kUnauthenticated);
  EXPECT_NE(status.message().find("API key"), std::string_view::npos);
  EXPECT_TRUE(peer.received().empty());
}

TEST(AnthropicPlugin, WrongUrlStopsTheStart) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  EXPECT_EQ(plugin.Start(R"({"base_url":"nowhere"})").code(), Code::kInvalidArgument);
}

TEST(AnthropicPlugin, CancelledCallEndsAndItsConnectionIsClosed) {
  FakePeer peer;
  peer.Add(Hanging());
  FakeHost host;
  host.SetSecret("secret://KEY", "sk-1");
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(ConfigFor(peer)).ok());
  auto call = plugin.BeginComplete(kRequest);
  ASSERT_TRUE(peer.WaitForRequests(1));
  call.Cancel();
  EXPECT_EQ(call.Wait().status().code(), Code::kCancelled);
  EXPECT_EQ(call.finish_attempts(), 1U);
  EXPECT_TRUE(peer.WaitForNoConnection());
}

TEST(AnthropicPlugin, WaitsForAReceiverWithAFullQueueOnItsOwnThread) {
  FakePeer peer;
  peer.Add(Whole());
  FakeHost host({.workers = 1, .event_capacity = 1});
  host.SetSecret("secret://KEY", "sk-1");
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(ConfigFor(peer)).ok());
  auto call = plugin.BeginComplete(kRequest);
  ASSERT_TRUE(host.WaitUntil([&] { return call.refused_emits() > 0; }));
  std::size_t events = 0;
  ASSERT_TRUE(host.WaitUntil([&] {
    events += call.TakeEvents().size();
    return call.is_over();
  }));
  events += call.TakeEvents().size();
  EXPECT_TRUE(call.Wait().ok());
  EXPECT_EQ(events, 8U);
}

TEST(AnthropicPlugin, ReceiverThatNeverTakesAnythingEndsTheCall) {
  FakePeer peer;
  peer.Add(Whole());
  FakeHost host({.event_capacity = 0});
  host.SetSecret("secret://KEY", "sk-1");
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(ConfigFor(peer, R"(,"emit_timeout_ms":20)")).ok());
  EXPECT_EQ(plugin.Complete(kRequest).status().code(), Code::kDeadlineExceeded);
}

TEST(AnthropicPlugin, CanBeActivatedAgain) {
  FakePeer peer;
  peer.Add(Whole());
  FakeHost host;
  host.SetSecret("secret://KEY", "sk-1");
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(ConfigFor(peer)).ok());
  ASSERT_TRUE(plugin.Complete(kRequest).ok());
  plugin.Deactivate();
  EXPECT_TRUE(peer.WaitForNoConnection());
  ASSERT_TRUE(plugin.Activate().ok());
  EXPECT_TRUE(plugin.Complete(kRequest).ok());
}

TEST(AnthropicPlugin, ListsModelsAndItsDefault) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(R"({"model":"haiku"})").ok());
  const auto models = Json::Parse(plugin.Models());
  ASSERT_TRUE(models.ok());
  EXPECT_EQ((*models)["default"].AsString(), "claude-haiku-4-5-20251001");
  EXPECT_EQ((*models)["models"].size(), 8U);
}

}  // namespace
}  // namespace tutti::anthropic
