#include "completions.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/support/fake_anthropic/fake_peer.h"
#include "tests/support/fake_anthropic/message_stream.h"

namespace tutti::anthropic {
namespace {

using fake_anthropic::FakePeer;
using fake_anthropic::Reply;

constexpr const char* kRequest = R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})";

Reply Hanging() {
  Reply reply;
  reply.headers = {{"content-type", "text/event-stream"}};
  reply.end = Reply::End::kHang;
  reply.times = 0;
  return reply;
}

Client MakeClient(const FakePeer& peer) {
  ClientSettings settings;
  settings.endpoint = *ParseBaseUrl(peer.url());
  settings.builder.default_model = "sonnet";
  settings.api_key = "k";
  return {settings, ModelTable()};
}

struct Started {
  std::shared_ptr<Completions::Job> job;
  std::future<Code> code;
};

Started Start(Completions& completions) {
  auto promise = std::make_shared<std::promise<Code>>();
  Started started;
  started.code = promise->get_future();
  started.job =
      completions.Prepare([promise](const Result<std::string>& result) { promise->set_value(result.status().code()); });
  completions.Start(started.job, kRequest, [](const std::string&) { return Status(); });
  return started;
}

TEST(Completions, ResultComesOnce) {
  FakePeer peer;
  Reply reply = Hanging();
  reply.end = Reply::End::kComplete;
  reply.body = fake_anthropic::ToSse(fake_anthropic::MessageEvents(R"({"content":[{"type":"text","text":"x"}]})"));
  peer.Add(reply);
  Client client = MakeClient(peer);
  Completions completions(client, 1, 0);
  auto started = Start(completions);
  EXPECT_EQ(started.code.get(), Code::kOk);
  started.job->Cancel();
}

TEST(Completions, MoreThanThreadsAndQueueAreRefused) {
  FakePeer peer;
  peer.Add(Hanging());
  Client client = MakeClient(peer);
  Completions completions(client, 1, 1);
  auto running = Start(completions);
  ASSERT_TRUE(peer.WaitForRequests(1));
  auto waiting = Start(completions);
  EXPECT_EQ(Start(completions).code.get(), Code::kResourceExhausted);
  completions.Stop();
  EXPECT_EQ(running.code.get(), Code::kCancelled);
  EXPECT_EQ(waiting.code.get(), Code::kCancelled);
}

TEST(Completions, WaitingOneIsCancelledWithoutWaitingForAThread) {
  FakePeer peer;
  peer.Add(Hanging());
  Client client = MakeClient(peer);
  Completions completions(client, 1, 1);
  auto running = Start(completions);
  ASSERT_TRUE(peer.WaitForRequests(1));
  auto waiting = Start(completions);
  waiting.job->Cancel();
  EXPECT_EQ(waiting.code.get(), Code::kCancelled);
  running.job->Cancel();
  EXPECT_EQ(running.code.get(), Code::kCancelled);
  completions.Stop();
  EXPECT_EQ(peer.received().size(), 1U);
}

}  // namespace
}  // namespace tutti::anthropic
