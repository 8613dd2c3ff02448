// WebSocket connections over real sockets: messages, queues, pings.
#include <gtest/gtest.h>

#include <latch>

#include "server.h"
#include "test_client.h"
#include "test_handler.h"

namespace tutti::transport::http::testing {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kCloseFrame = 8;
constexpr std::uint8_t kPing = 9;
constexpr std::uint8_t kPong = 10;

TEST(WebSocket, TheHandshakeIsAnsweredAsTheStandardSays) {
  TestServer server;
  server.on_request = [&](const RequestView& request) {
    EXPECT_TRUE(request.is_upgrade);
    const HeaderView header{"X-Seen", "yes"};
    EXPECT_TRUE(server.server().Upgrade(request.exchange, "chat", {&header, 1}).ok());
  };
  TestClient client(server.address());
  client.Send(kHandshake);
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.status, 101);
  EXPECT_EQ(response.headers.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(response.headers.at("sec-websocket-protocol"), "chat");
  EXPECT_EQ(response.headers.at("x-seen"), "yes");
  EXPECT_EQ(response.headers.at("upgrade"), "websocket");
}

TEST(WebSocket, AHandshakeMayBeDeclined) {
  TestServer server;
  server.on_request = [&](const RequestView& request) {
    EXPECT_TRUE(server.server().Respond(request.exchange, {.status = 403, .body = "no"}).ok());
  };
  TestClient client(server.address());
  client.Send(kHandshake);
  EXPECT_EQ(client.ReadResponse().status, 403);
}

TEST(WebSocket, MessagesComeBackInOrder) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  std::string bytes;
  for (int i = 0; i < 500; ++i) {
    bytes += MaskedFrame(kText, "message " + std::to_string(i));
  }
  client.Send(bytes);
  for (int i = 0; i < 500; ++i) {
    const Frame frame = client.ReadFrame();
    EXPECT_EQ(frame.opcode, kText);
    EXPECT_EQ(frame.payload, "message " + std::to_string(i));
  }
}

TEST(WebSocket, FramesRightBehindTheHandshakeAreKept) {
  TestServer server;
  TestClient client(server.address());
  client.Send(std::string(kHandshake) + MaskedFrame(kText, "early") + MaskedFrame(kPing, "too"));
  EXPECT_EQ(client.ReadResponse().status, 101);
  const Frame first = client.ReadFrame();
  const Frame second = client.ReadFrame();
  // The pong may overtake the echo, which passes through a worker.
  EXPECT_EQ(first.opcode + second.opcode, kText + kPong);
  EXPECT_EQ((first.opcode == kText ? first : second).payload, "early");
  EXPECT_EQ((first.opcode == kPong ? first : second).payload, "too");
}

TEST(WebSocket, FragmentsAndLargeMessagesArriveWhole) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  client.Send(MaskedFrame(kText, "a", false) + MaskedFrame(kPing, "p") + MaskedFrame(0, "b", false) +
              MaskedFrame(0, "c"));
  EXPECT_EQ(client.ReadFrame().opcode, kPong);
  EXPECT_EQ(client.ReadFrame().payload, "abc");
  const std::string large(300'000, 'x');
  client.Send(MaskedFrame(kText, large));
  EXPECT_TRUE(client.ReadFrame().payload == large);
}

TEST(WebSocket, BinaryMessagesAreToldApart) {
  TestServer server;
  std::atomic<int> binary{0};
  server.on_message = [&](std::uint64_t, std::string_view, bool is_text) { binary += is_text ? 0 : 1; };
  TestClient client(server.address());
  client.OpenWebSocket();
  client.Send(MaskedFrame(kBinary, "\xFF\xFE") + MaskedFrame(kText, "t"));
  EXPECT_EQ(server.WaitForMessages(2).at(0), "\xFF\xFE");
  WaitFor("both messages", [&] { return binary == 1; });
}

TEST(WebSocket, PingsAreAnsweredWithTheirData) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  client.Send(MaskedFrame(kPing, ""));
  Frame frame = client.ReadFrame();
  EXPECT_EQ(frame.opcode, kPong);
  EXPECT_EQ(frame.payload, "");
  const std::string data(125, 'd');
  client.Send(MaskedFrame(kPing, data));
  frame = client.ReadFrame();
  EXPECT_EQ(frame.opcode, kPong);
  EXPECT_EQ(frame.payload, data);
}

TEST(WebSocket, TheClientsCloseIsEchoedAndTold) {
  struct Case {
    std::string payload;
    std::uint16_t echoed;
    std::uint16_t told;
  };

  const Case cases[] = {{ClosePayload(1000, "bye"), 1000, 1000}, {"", 0, 1005}, {ClosePayload(4321), 4321, 4321}};
  for (const Case& test : cases) {
    TestServer server;
    TestClient client(server.address());
    client.OpenWebSocket();
    const std::uint64_t connection = server.WaitForRequests(1).at(0);
    client.Send(MaskedFrame(kText, "last") + MaskedFrame(kCloseFrame, test.payload));
    Frame frame = client.ReadFrame();
    if (frame.opcode == kText) {
      frame = client.ReadFrame();
    }
    EXPECT_EQ(frame.opcode, kCloseFrame);
    EXPECT_EQ(frame.close_code(), test.echoed);
    EXPECT_TRUE(client.ReadsEnd());
    EXPECT_EQ(server.WaitForClose(connection), test.told);
    EXPECT_EQ(server.WaitForMessages(1).at(0), "last");
    EXPECT_EQ(server.Send(connection, "x"), Acceptance::kNotFound);
  }
}

TEST(WebSocket, ViolationsAreClosedWithTheirCode) {
  struct Case {
    const char* name;
    std::string bytes;
    std::uint16_t code;
  };

  const Case cases[] = {
      {"unmasked", "\x81\x02hi", 1002},
      {"reserved bit", "\xC1" + MaskedFrame(kText, "a").substr(1), 1002},
      {"unknown opcode", MaskedFrame(3, "a"), 1002},
      {"stray continuation", MaskedFrame(0, "a"), 1002},
      {"fragmented ping", MaskedFrame(kPing, "a", false), 1002},
      {"close code 1005", MaskedFrame(kCloseFrame, ClosePayload(1005)), 1002},
      {"invalid text", MaskedFrame(kText, "\xFF"), 1007},
      {"too big", MaskedFrame(kText, std::string(1001, 'a')), 1009},
  };
  Settings settings = TestSettings();
  settings.ws_message_bytes = 1000;
  for (const Case& test : cases) {
    TestServer server(settings);
    TestClient client(server.address());
    client.OpenWebSocket();
    const std::uint64_t connection = server.WaitForRequests(1).at(0);
    client.Send(test.bytes);
    const Frame frame = client.ReadFrame();
    EXPECT_EQ(frame.opcode, kCloseFrame) << test.name;
    EXPECT_EQ(frame.close_code(), test.code) << test.name;
    EXPECT_GT(frame.payload.size(), 2U) << test.name;
    EXPECT_TRUE(client.ReadsEnd()) << test.name;
    EXPECT_EQ(server.WaitForClose(connection), test.code) << test.name;
  }
}

TEST(WebSocket, AVanishedClientIs1006) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  client.Close();
  EXPECT_EQ(server.WaitForClose(connection), 1006);
}

TEST(WebSocket, CloseSendsWhatIsQueuedFirst) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  EXPECT_EQ(server.Send(connection, "one"), Acceptance::kAccepted);
  EXPECT_EQ(server.Send(connection, "two"), Acceptance::kAccepted);
  EXPECT_EQ(server.server().Close(connection, 1005, {}).code(), Code::kInvalidArgument);
  EXPECT_TRUE(server.server().Close(connection, 4000, "enough").ok());
  EXPECT_EQ(server.server().Close(connection, 4000, "enough").code(), Code::kNotFound);
  EXPECT_EQ(server.Send(connection, "late"), Acceptance::kNotFound);
  EXPECT_EQ(client.ReadFrame().payload, "one");
  EXPECT_EQ(client.ReadFrame().payload, "two");
  const Frame frame = client.ReadFrame();
  EXPECT_EQ(frame.close_code(), 4000);
  EXPECT_EQ(frame.payload.substr(2), "enough");
  client.Send(MaskedFrame(kCloseFrame, ClosePayload(4000)));
  EXPECT_TRUE(client.ReadsEnd());
  EXPECT_EQ(server.WaitForClose(connection), 4000);
}

TEST(WebSocket, ACloseThatIsNotAnsweredEndsInTime) {
  Settings settings = TestSettings();
  settings.ws_close_timeout = milliseconds(30);
  TestServer server(settings);
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  EXPECT_TRUE(server.server().Close(connection, 1000, {}).ok());
  EXPECT_EQ(server.WaitForClose(connection), 1000);
}

TEST(WebSocket, ASilentClientIsPingedAndClosed) {
  Settings settings = TestSettings();
  settings.ws_ping_interval = milliseconds(30);
  settings.ws_pong_timeout = milliseconds(30);
  TestServer server(settings);
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  EXPECT_EQ(client.ReadFrame().opcode, kPing);
  EXPECT_EQ(client.ReadFrame().close_code(), 1011);
  EXPECT_EQ(server.WaitForClose(connection), 1006);
}

TEST(WebSocket, AClientThatAnswersPingsStays) {
  Settings settings = TestSettings();
  settings.ws_ping_interval = milliseconds(10);
  settings.ws_pong_timeout = milliseconds(5000);
  TestServer server(settings);
  TestClient client(server.address());
  client.OpenWebSocket();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(client.ReadFrame().opcode, kPing);
    client.Send(MaskedFrame(kPong, ""));
  }
  EXPECT_EQ(server.close_count(), 0U);
}

TEST(WebSocket, AFullQueueBlocksAndSaysWhenItDrains) {
  Settings settings = TestSettings();
  settings.ws_queue_bytes = 64 * 1024;
  settings.ws_queue_frames = 32;
  TestServer server(settings);
  TestClient client(server.address(), 4096);
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  const std::string message(8 * 1024, 'm');
  std::size_t accepted = 0;
  // What the kernel's buffers hold differs; in the end the queue is full.
  WaitFor("a full queue", [&] {
    const Acceptance acceptance = server.Send(connection, message);
    accepted += acceptance == Acceptance::kAccepted ? 1 : 0;
    return acceptance == Acceptance::kWouldBlock;
  });
  EXPECT_GT(server.server().counters().messages_blocked.load(), 0U);
  for (std::size_t i = 0; i < accepted; ++i) {
    EXPECT_TRUE(client.ReadFrame().payload == message);
  }
  server.WaitForWritable(connection);
  EXPECT_EQ(server.Send(connection, "again"), Acceptance::kAccepted);
  EXPECT_EQ(client.ReadFrame().payload, "again");
}

TEST(WebSocket, AMessageLargerThanTheQueuePassesAlone) {
  Settings settings = TestSettings();
  settings.ws_queue_bytes = 1024;
  TestServer server(settings);
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  const std::string large(100'000, 'l');
  EXPECT_EQ(server.Send(connection, large), Acceptance::kAccepted);
  EXPECT_TRUE(client.ReadFrame().payload == large);
}

TEST(WebSocket, InvalidTextIsSentAsReplacementCharacters) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  EXPECT_EQ(server.Send(server.WaitForRequests(1).at(0),
                        "a\xFF"
                        "b"),
            Acceptance::kAccepted);
  EXPECT_EQ(client.ReadFrame().payload,
            "a\xEF\xBF\xBD"
            "b");
}

TEST(WebSocket, AStalledClientDelaysNobodyAndStaysBounded) {
  Settings settings = TestSettings();
  settings.ws_queue_bytes = 256 * 1024;
  TestServer server(settings);
  TestClient stalled(server.address(), 4096);
  stalled.OpenWebSocket();
  TestClient reading(server.address());
  reading.OpenWebSocket();
  const std::vector<std::uint64_t> connections = server.WaitForRequests(2);
  const std::string message(16 * 1024, 's');
  int blocked = 0;
  int sent = 0;
  while (blocked < 50 && sent < 5000) {
    std::vector<Acceptance> accepted(2);
    server.server().Send(connections, message, accepted);
    blocked += accepted[0] == Acceptance::kWouldBlock ? 1 : 0;
    ++sent;
    ASSERT_EQ(accepted[1], Acceptance::kAccepted);
    ASSERT_EQ(reading.ReadFrame().payload.size(), message.size());
  }
  EXPECT_EQ(blocked, 50);
}

TEST(WebSocket, AClientThatNeverReadsIsClosed) {
  Settings settings = TestSettings();
  settings.write_timeout = milliseconds(50);
  settings.ws_ping_interval = milliseconds(60'000);
  TestServer server(settings);
  TestClient client(server.address(), 4096);
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  const std::string message(64 * 1024, 'n');
  // A queue that is full for once says nothing: the socket's buffers may still take all of it.
  WaitFor("a close", [&] { return server.Send(connection, message) == Acceptance::kNotFound; });
  EXPECT_EQ(server.WaitForClose(connection), 1006);
}

TEST(WebSocket, AFloodWaitsForTheHandler) {
  TestServer server;
  std::latch release(1);
  server.on_message = [&](std::uint64_t, std::string_view, bool) { release.wait(); };
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::string frame = MaskedFrame(kText, std::string(60'000, 'f'));
  client.Send(MaskedFrame(kText, "first"));
  (void)server.WaitForMessages(1);
  // The socket's buffers fill up, because nothing reads them while the handler is busy.
  std::size_t sent = 0;
  std::size_t last = 1;
  while (last > 0 && sent < (std::size_t{256} << 20)) {
    last = client.SendSome(frame);
    sent += last;
  }
  EXPECT_EQ(last, 0U);
  EXPECT_EQ(server.message_count(), 1U);
  EXPECT_LT(server.server().counters().request_bytes_held.load(), 200'000);
  release.count_down();
  (void)server.WaitForMessages(sent / frame.size());
}

TEST(WebSocket, MessagesOfABatchAreHandledBeforeTheClose) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    bytes += MaskedFrame(kText, std::to_string(i));
  }
  client.Send(bytes + MaskedFrame(kCloseFrame, ClosePayload(1000)));
  EXPECT_EQ(server.WaitForClose(connection), 1000);
  EXPECT_EQ(server.message_count(), 200U);
}

}  // namespace
}  // namespace tutti::transport::http::testing
