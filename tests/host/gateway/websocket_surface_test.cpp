// WebSocket through the whole path: handshake, greeting, events, requests of the client.
#include <gtest/gtest.h>

#include <future>

#include "tests/host/gateway/gateway_fixture.h"

namespace tutti::host {
namespace {

using Messages = std::vector<std::string>;

constexpr const char* kDefinitions = R"([
  {"name":"live.open","effects":"read","websocket":{"path":"/ws"},"surfaces":["websocket"],
   "input":{"type":"object","properties":{"connection":{"type":"string"},"connections":{"type":"integer"}}}},
  {"name":"agent.show","effects":"read","input":{"type":"object","properties":{"id":{"type":"integer"}}},
   "slash":{"usage":"/show ID"}},
  {"name":"agent.rename","effects":"write"},
  {"name":"agent.hidden","surfaces":["rest"]}])";

class WebSocketSurfaceTest : public GatewayTest {
 protected:
  void Begin(GatewaySettings settings = {}) {
    Start(kDefinitions, std::move(settings));
    On("live.open", [this](const Invocation& call) {
      Finish(call, std::string(R"({"first":{"type":"welcome"},"streams":["s"]})"));
    });
  }

  std::uint64_t Handshake(std::vector<std::pair<std::string, std::string>> headers = {}) {
    return Send({.target = "/ws", .headers = std::move(headers), .is_upgrade = true});
  }

  // A connection that follows its streams.
  std::uint64_t Connect() {
    const std::uint64_t connection = Handshake();
    transport_.WaitForMessages(connection, 1);
    Settle();
    return connection;
  }
};

TEST_F(WebSocketSurfaceTest, TheGreetingComesFirstThenEvents) {
  Begin();
  std::promise<Invocation> opened;
  On("live.open", [&](const Invocation& call) { opened.set_value(call); });
  const std::uint64_t connection = Handshake();
  const Invocation call = opened.get_future().get();
  EXPECT_EQ(transport_.protocol(connection), "");
  const Result<Json> args = Json::Parse(call.args);
  ASSERT_TRUE(args.ok());
  EXPECT_EQ((*args)["connections"].AsInt(), 1);
  EXPECT_EQ((*args)["connection"].AsString().size(), 36U);
  Publish("s", 1, "early");
  Finish(call, std::string(R"({"first":{"type":"welcome"},"streams":["s"]})"));
  ASSERT_EQ(transport_.WaitForMessages(connection, 1).size(), 1U);
  Publish("s", 2, "late");
  Publish("other", 1, "not mine");
  Publish("s", 0, "typing");
  Settle();
  EXPECT_EQ(transport_.WaitForMessages(connection, 3), (Messages{R"({"type":"welcome"})", "late", "typing"}));
  EXPECT_EQ(gateway_->connections(), 1U);
}

TEST_F(WebSocketSurfaceTest, NothingPublishedAfterTheGreetingIsLost) {
  Begin();
  std::vector<std::uint64_t> connections;
  for (std::uint64_t seq = 1; seq <= 200; ++seq) {
    if (seq % 20 == 1) {
      connections.push_back(Handshake());
    }
    Publish("s", seq, std::to_string(seq));
  }
  for (const std::uint64_t connection : connections) {
    transport_.WaitForMessages(connection, 1);
  }
  Publish("s", 201, "201");
  Settle();
  for (const std::uint64_t connection : connections) {
    const Messages messages = transport_.WaitForMessages(connection, 2);
    ASSERT_EQ(messages.front(), R"({"type":"welcome"})");
    for (std::size_t i = 1; i < messages.size(); ++i) {
      EXPECT_EQ(messages[i], std::to_string(201 - (messages.size() - 1) + i)) << "of connection " << connection;
    }
  }
}

TEST_F(WebSocketSurfaceTest, HandshakesPassTheSamePolicies) {
  Begin({.tokens = {{"secret", "ann", {"*"}}}});
  EXPECT_EQ(Ask({.target = "/ws", .is_upgrade = true}).status, 401U);
  EXPECT_EQ(Ask({.target = "/ws", .headers = {{"Origin", "http://evil.org"}}, .is_upgrade = true}).status, 403U);
  EXPECT_EQ(Ask({.target = "/ws", .is_upgrade = true, .host = "evil.org"}).status, 403U);
  EXPECT_EQ(Ask({.target = "/elsewhere", .headers = {{"Cookie", "tutti_token=secret"}}, .is_upgrade = true}).status,
            404U);
  EXPECT_EQ(gateway_->connections(), 0U);
  const std::uint64_t by_protocol = Handshake({{"Sec-WebSocket-Protocol", "bearer.secret"}});
  EXPECT_EQ(transport_.WaitForMessages(by_protocol, 1).size(), 1U);
  EXPECT_EQ(transport_.protocol(by_protocol), "bearer.secret");
  const std::uint64_t by_cookie = Handshake({{"Cookie", "tutti_token=secret"}});
  EXPECT_EQ(transport_.WaitForMessages(by_cookie, 1).size(), 1U);
  EXPECT_EQ(gateway_->connections(), 2U);
}

TEST_F(WebSocketSurfaceTest, BeyondTheLimitClientsAreTurnedAway) {
  Begin({.max_subscribers = 1});
  const std::uint64_t first = Connect();
  const SentResponse refused = Ask({.target = "/ws", .is_upgrade = true});
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.Header("Retry-After"), "5");
  gateway_->OnClose(transport_, first, 1000);
  EXPECT_EQ(gateway_->connections(), 0U);
  Connect();
  EXPECT_EQ(gateway_->connections(), 1U);
}

TEST_F(WebSocketSurfaceTest, AFailedUpgradeLeavesNoConnection) {
  Begin();
  transport_.RefuseUpgrades();
  Handshake();
  EXPECT_EQ(gateway_->connections(), 0U);
}

TEST_F(WebSocketSurfaceTest, AFailedGreetingClosesWithTheReason) {
  Begin();
  On("live.open", [this](const Invocation& call) { Finish(call, Status::Unavailable("no orchestrator yet")); });
  const auto close = transport_.WaitForClose(Handshake());
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->code, 1013U);
  EXPECT_EQ(close->reason, "no orchestrator yet");
}

TEST_F(WebSocketSurfaceTest, InvokesAreAnsweredWithTheirId) {
  Begin();
  const std::uint64_t connection = Connect();
  Say(connection, R"({"type":"invoke","id":7,"command":"agent.show","args":{"id":3}})");
  const std::string answer = transport_.WaitForMessages(connection, 2).back();
  EXPECT_EQ(JsonMember(answer, "type"), "\"result\"");
  EXPECT_EQ(JsonMember(answer, "id"), "7");
  EXPECT_EQ(JsonMember(answer, "ok"), "true");
  EXPECT_EQ(JsonMember(JsonMember(answer, "result"), "args"), R"({"id":3})");
  Say(connection, R"({"type":"slash","id":"b","text":"/show 4"})");
  const std::string slash = transport_.WaitForMessages(connection, 3).back();
  EXPECT_EQ(JsonMember(slash, "id"), "\"b\"");
  EXPECT_EQ(JsonMember(JsonMember(slash, "result"), "args"), R"({"id":4})");
}

TEST_F(WebSocketSurfaceTest, FailuresAreAnsweredWithCodeAndMessage) {
  Begin();
  const std::uint64_t connection = Connect();
  const std::pair<const char*, const char*> cases[] = {
      {R"({"type":"invoke","id":1,"command":"agent.shwo"})", "\"NOT_FOUND\""},
      {R"({"type":"invoke","id":1,"command":"agent.hidden"})", "\"NOT_FOUND\""},
      {R"({"type":"invoke","id":1,"command":"agent.show","args":{"id":"x"}})", "\"INVALID_ARGUMENT\""},
      {R"({"type":"slash","id":1,"text":"/shwo"})", "\"NOT_FOUND\""},
  };
  std::size_t count = 1;
  for (const auto& [message, code] : cases) {
    Say(connection, message);
    const Messages messages = transport_.WaitForMessages(connection, ++count);
    ASSERT_EQ(messages.size(), count) << message;
    EXPECT_EQ(JsonMember(messages.back(), "ok"), "false") << message;
    EXPECT_EQ(JsonMember(messages.back(), "code"), code) << message;
  }
}

TEST_F(WebSocketSurfaceTest, ArgumentsNestedBeyondReasonAreRefused) {
  Begin();
  const std::uint64_t connection = Connect();
  const std::string deep(1000000, '[');
  Say(connection,
      R"({"type":"invoke","id":1,"command":"agent.show","args":{"id":)" + deep + std::string(deep.size(), ']') + "}}");
  EXPECT_EQ(JsonMember(transport_.WaitForMessages(connection, 2).back(), "code"), "\"INVALID_ARGUMENT\"");
}

TEST_F(WebSocketSurfaceTest, WhatIsNoRequestIsIgnored) {
  Begin();
  const std::uint64_t connection = Connect();
  for (const char* message : {"ping", "", "{", "[]", "{}", "7", R"({"type":"invoke","command":"agent.show"})",
                              R"({"type":"hello","id":1})", R"({"type":7,"id":1})", R"({"type":"cancel","id":99})"}) {
    Say(connection, message);
  }
  gateway_->OnMessage(transport_, connection, R"({"type":"invoke","id":1,"command":"agent.show"})", false);
  Say(connection + 1000, R"({"type":"invoke","id":1,"command":"agent.show"})");
  Say(connection, R"({"type":"invoke","id":"last","command":"agent.show"})");
  const Messages messages = transport_.WaitForMessages(connection, 2);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(JsonMember(messages.back(), "id"), "\"last\"");
}

TEST_F(WebSocketSurfaceTest, ProgressCarriesTheIdOfItsRequest) {
  Begin();
  const std::uint64_t connection = Connect();
  On("agent.show", [this](const Invocation& call) {
    EXPECT_EQ(calls_.Emit(call.call, ScriptedPlugin::kId, R"({"step":1})"), TUTTI_OK);
    Finish(call, std::string("{}"));
  });
  Say(connection, R"({"type":"invoke","id":5,"command":"agent.show"})");
  const Messages messages = transport_.WaitForMessages(connection, 3);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[1], R"({"type":"progress","id":5,"event":{"step":1}})");
  EXPECT_EQ(messages[2], R"({"type":"result","id":5,"ok":true,"result":{}})");
}

TEST_F(WebSocketSurfaceTest, CancelStopsTheRequestItNames) {
  Begin();
  const std::uint64_t connection = Connect();
  std::promise<Invocation> started;
  On("agent.rename", [&](const Invocation& call) { started.set_value(call); });
  Say(connection, R"({"type":"invoke","id":5,"command":"agent.rename"})");
  const Invocation call = started.get_future().get();
  Say(connection, R"({"type":"cancel","id":6})");
  EXPECT_FALSE(CallTable::cancelled(*calls_.Find(call.call)));
  Say(connection, R"({"type":"cancel","id":5})");
  EXPECT_TRUE(CallTable::cancelled(*calls_.Find(call.call)));
  Finish(call, Status::Cancelled("stopped"));
  EXPECT_EQ(JsonMember(transport_.WaitForMessages(connection, 2).back(), "code"), "\"CANCELLED\"");
}

TEST_F(WebSocketSurfaceTest, RunningRequestsAreBounded) {
  Begin();
  const std::uint64_t connection = Connect();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Invocation> running;
  On("agent.rename", [&](const Invocation& call) {
    const std::lock_guard lock(mutex);
    running.push_back(call);
    changed.notify_all();
  });
  const auto invoke = [&](std::size_t id) {
    Say(connection, R"({"type":"invoke","command":"agent.rename","id":)" + std::to_string(id) + "}");
  };
  for (std::size_t id = 0; id < ClientConnection::kMaxRunning; ++id) {
    invoke(id);
  }
  invoke(99);
  EXPECT_EQ(JsonMember(transport_.WaitForMessages(connection, 2).back(), "code"), "\"RESOURCE_EXHAUSTED\"");
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(10),
                               [&] { return running.size() == ClientConnection::kMaxRunning; }));
  for (const Invocation& call : running) {
    Finish(call, std::string("{}"));
  }
  lock.unlock();
  EXPECT_EQ(transport_.WaitForMessages(connection, 34).size(), 34U);
}

TEST_F(WebSocketSurfaceTest, AnIdMayRunOnlyOnce) {
  Begin();
  const std::uint64_t connection = Connect();
  std::promise<Invocation> started;
  On("agent.rename", [&](const Invocation& call) { started.set_value(call); });
  Say(connection, R"({"type":"invoke","id":5,"command":"agent.rename"})");
  Say(connection, R"({"type":"invoke","id":5,"command":"agent.show"})");
  EXPECT_EQ(JsonMember(transport_.WaitForMessages(connection, 2).back(), "code"), "\"ALREADY_EXISTS\"");
  Finish(started.get_future().get(), std::string("{}"));
}

TEST_F(WebSocketSurfaceTest, AClosedConnectionCancelsReadsOnly) {
  Begin();
  const std::uint64_t connection = Connect();
  std::promise<Invocation> read;
  std::promise<Invocation> write;
  On("agent.show", [&](const Invocation& call) { read.set_value(call); });
  On("agent.rename", [&](const Invocation& call) { write.set_value(call); });
  Say(connection, R"({"type":"invoke","id":1,"command":"agent.show"})");
  Say(connection, R"({"type":"invoke","id":2,"command":"agent.rename"})");
  const Invocation read_call = read.get_future().get();
  const Invocation write_call = write.get_future().get();
  gateway_->OnClose(transport_, connection, 1006);
  EXPECT_TRUE(CallTable::cancelled(*calls_.Find(read_call.call)));
  EXPECT_FALSE(CallTable::cancelled(*calls_.Find(write_call.call)));
  Finish(read_call, Status::Cancelled("stopped"));
  Finish(write_call, std::string("{}"));
  Publish("s", 1, "nobody listens");
  Settle();
  EXPECT_EQ(transport_.WaitForMessages(connection, 0).size(), 1U);
}

TEST_F(WebSocketSurfaceTest, ASlowClientIsToldOfItsGapWhenItReadsAgain) {
  Begin();
  const std::uint64_t slow = Connect();
  const std::uint64_t quick = Connect();
  transport_.SetRoom(slow, 0);
  Publish("s", 1, "one");
  Publish("s", 2, "two");
  Settle();
  transport_.SetRoom(slow, 10);
  gateway_->OnWritable(transport_, slow);
  Publish("s", 3, "three");
  Settle();
  EXPECT_EQ(transport_.WaitForMessages(quick, 4).size(), 4U);
  const Messages messages = transport_.WaitForMessages(slow, 3);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(JsonMember(messages[1], "type"), "\"gap\"");
  EXPECT_EQ(JsonMember(messages[1], "from"), "1");
  EXPECT_EQ(JsonMember(messages[1], "to"), "2");
  EXPECT_EQ(messages[2], "three");
}

TEST_F(WebSocketSurfaceTest, AnAnswerWaitsForRoom) {
  Begin();
  const std::uint64_t connection = Connect();
  transport_.SetRoom(connection, 0);
  std::promise<void> done;
  On("agent.show", [&](const Invocation& call) {
    Finish(call, std::string("{}"));
    done.set_value();
  });
  Say(connection, R"({"type":"invoke","id":1,"command":"agent.show"})");
  done.get_future().get();
  transport_.SetRoom(connection, 10);
  gateway_->OnWritable(transport_, connection);
  EXPECT_EQ(JsonMember(transport_.WaitForMessages(connection, 2).back(), "type"), "\"result\"");
}

}  // namespace
}  // namespace tutti::host
