// Server-sent events through the whole path: request, command, answer without an end, live events.
#include <gtest/gtest.h>

#include "tests/host/gateway/gateway_fixture.h"

namespace tutti::host {
namespace {

constexpr const char* kDefinitions = R"([
  {"name":"live.follow","effects":"read","surfaces":["rest"],
   "input":{"type":"object","additionalProperties":false,
            "properties":{"since":{"type":"string","pattern":"^[0-9]+$"},"agent":{"type":"string"}}},
   "rest":[{"method":"GET","path":"/live","answer":"events"}]},
  {"name":"live.open","effects":"read","websocket":{"path":"/ws"},"surfaces":["websocket"],
   "input":{"type":"object","additionalProperties":false,"properties":{"connection":{"type":"string"},
            "connections":{"type":"integer"},"agent":{"type":"string"},"count":{"type":"integer"}}}}])";

class ServerSentSurfaceTest : public GatewayTest {
 protected:
  void Begin(GatewaySettings settings = {}) {
    Start(kDefinitions, std::move(settings));
    On("live.follow", [this](const Invocation& call) {
      args_ = call.args;
      Finish(call, std::string(R"({"streams":["s"],"since":null,"filter":{}})"));
    });
    On("live.open", [this](const Invocation& call) {
      Finish(call, std::string(R"({"first":{"type":"welcome"},"streams":["s"],"filter":{}})"));
    });
  }

  std::uint64_t Open(TestRequest request = {.target = "/live"}) {
    const std::uint64_t exchange = Send(request);
    const auto response = transport_.WaitForResponse(exchange);
    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200U) << response->body;
    EXPECT_EQ(response->Header("Content-Type"), "text/event-stream");
    EXPECT_EQ(response->Header("Cache-Control"), "no-store");
    transport_.WaitForMessages(exchange, 1);
    return exchange;
  }

  std::string args_;
};

TEST_F(ServerSentSurfaceTest, EventsFollowTheHeaders) {
  Begin();
  const std::uint64_t client = Open({.target = "/live?agent=a", .headers = {{"Origin", "http://127.0.0.1:9403"}}});
  EXPECT_EQ(args_, R"({"agent":"a"})");
  Publish("s", 3, R"({"x":1})");
  const std::vector<std::string> messages = transport_.WaitForMessages(client, 2);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0], ":\n\n");
  EXPECT_TRUE(messages[1].starts_with("id: 3\n")) << messages[1];
  EXPECT_EQ(gateway_->connections(), 0U);
  EXPECT_EQ(accesses().back().status, 200U);
  gateway_->OnClose(transport_, client, 1000);
  Publish("s", 4, "{}");
  Settle();
  EXPECT_EQ(transport_.WaitForMessages(client, 2).size(), 2U);
  EXPECT_EQ(gateway_->stream_counts().following[static_cast<std::size_t>(FrameForm::kServerSent)], 0U);
}

TEST_F(ServerSentSurfaceTest, TheLastEventIdGoesBeforeTheQuery) {
  Begin();
  Open({.target = "/live?since=3", .headers = {{"Last-Event-ID", "17"}}});
  EXPECT_EQ(args_, R"({"since":"17"})");
  Open({.target = "/live?since=3"});
  EXPECT_EQ(args_, R"({"since":"3"})");
  EXPECT_EQ(Ask({.target = "/live", .headers = {{"Last-Event-ID", "x"}}}).status, 422U);
  EXPECT_EQ(Get("/live?colour=red").status, 422U);
}

TEST_F(ServerSentSurfaceTest, HeadAsksForTheHeadersOnly) {
  Begin({.max_subscribers = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask({.method = "HEAD", .target = "/live"}).Header("Content-Type"), "text/event-stream");
  }
  Settle();
  EXPECT_EQ(gateway_->stream_counts().following[static_cast<std::size_t>(FrameForm::kServerSent)], 0U);
}

TEST_F(ServerSentSurfaceTest, PlacesAreSharedWithWebSockets) {
  Begin({.max_subscribers = 1});
  const std::uint64_t client = Open();
  EXPECT_EQ(Ask({.target = "/ws", .is_upgrade = true}).status, 503U);
  const SentResponse refused = Get("/live");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.Header("Retry-After"), "5");
  gateway_->OnClose(transport_, client, 1000);
  const std::uint64_t socket = Send({.target = "/ws", .is_upgrade = true});
  EXPECT_EQ(transport_.WaitForMessages(socket, 1).size(), 1U);
  EXPECT_EQ(Get("/live").status, 503U);
}

TEST_F(ServerSentSurfaceTest, ATransportThatCannotIsSaidSo) {
  Begin();
  transport_.RefuseBegin(TUTTI_UNIMPLEMENTED);
  EXPECT_EQ(Get("/live").status, 501U);
  transport_.RefuseBegin(TUTTI_UNAVAILABLE);
  EXPECT_EQ(Get("/live").status, 503U);
}

TEST_F(ServerSentSurfaceTest, AFailedCommandIsAnsweredAsAnyOther) {
  Begin();
  On("live.follow", [this](const Invocation& call) { Finish(call, Status::Unavailable("no orchestrator yet")); });
  EXPECT_EQ(Get("/live").status, 503U);
  On("live.follow", [this](const Invocation& call) { Finish(call, std::string("[]")); });
  EXPECT_EQ(Get("/live").status, 500U);
}

TEST_F(ServerSentSurfaceTest, AHandshakeWithAQueryIsAnsweredAfterTheCommand) {
  Begin();
  const SentResponse unknown = Ask({.target = "/ws?colour=red", .is_upgrade = true});
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_NE(unknown.body.find("colour"), std::string::npos) << unknown.body;
  EXPECT_EQ(Ask({.target = "/ws?count=x", .is_upgrade = true}).status, 400U);
  // What the gateway says itself cannot be said by a client.
  const std::uint64_t socket = Send({.target = "/ws?agent=a&connections=77", .is_upgrade = true});
  ASSERT_EQ(transport_.WaitForMessages(socket, 1).size(), 1U);
  EXPECT_EQ(transport_.protocol(socket), "");
  EXPECT_EQ(gateway_->connections(), 1U);
  Publish("s", 1, "{}");
  EXPECT_EQ(JsonMember(transport_.WaitForMessages(socket, 2).back(), "seq"), "1");
  On("live.open", [this](const Invocation& call) { Finish(call, Status::Unavailable("not yet")); });
  EXPECT_EQ(Ask({.target = "/ws?agent=a", .is_upgrade = true}).status, 503U);
  EXPECT_EQ(gateway_->connections(), 1U);
}

}  // namespace
}  // namespace tutti::host
