// Answers that are begun and sent piece by piece, over real sockets.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server.h"
#include "test_client.h"
#include "test_handler.h"

namespace tutti::transport::http::testing {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET /live HTTP/1.1\r\nHost: x\r\n\r\n";

class StreamTest : public ::testing::Test {
 protected:
  void Serve(Settings settings = TestSettings()) {
    server_ = std::make_unique<TestServer>(std::move(settings));
    server_->on_request = [this](const RequestView& request) {
      if (request.target != "/live") {
        server_->Respond(request.exchange, "plain");
        return;
      }
      const HeaderView header{"Content-Type", "text/event-stream"};
      EXPECT_TRUE(server_->server().Begin(request.exchange, {.status = 200, .headers = {&header, 1}}).ok());
    };
  }

  // A client whose answer is begun; the number is that of its stream.
  std::uint64_t Open(TestClient& client, std::string_view request = kGet) {
    client.Send(request);
    const Response response = client.ReadResponse(true);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.at("content-type"), "text/event-stream");
    EXPECT_FALSE(response.headers.contains("content-length"));
    headers_ = response.headers;
    return server_->WaitForRequests(++opened_).back();
  }

  Status End(std::uint64_t stream) { return server_->server().Close(stream, kCloseNormal, {}); }

  std::unique_ptr<TestServer> server_;
  std::map<std::string, std::string> headers_;
  std::size_t opened_ = 0;
};

TEST_F(StreamTest, PiecesComeAsChunksAndTheConnectionIsUsedAgain) {
  Serve();
  TestClient client(server_->address());
  const std::uint64_t stream = Open(client);
  EXPECT_EQ(headers_.at("transfer-encoding"), "chunked");
  EXPECT_EQ(headers_.at("connection"), "keep-alive");
  EXPECT_EQ(server_->Send(stream, "id: 1\n\n"), Acceptance::kAccepted);
  EXPECT_EQ(server_->Send(stream, ""), Acceptance::kAccepted);
  EXPECT_EQ(server_->Send(stream, std::string(20, 'x')), Acceptance::kAccepted);
  EXPECT_EQ(server_->server().counters().open_streams, 1);
  // What is asked meanwhile waits for the end of the answer.
  client.Send("GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(End(stream).ok());
  EXPECT_EQ(server_->WaitForClose(stream), kCloseNormal);
  const std::string rest = client.ReadToEnd();
  const std::string body = "7\r\nid: 1\n\n\r\n14\r\n" + std::string(20, 'x') + "\r\n0\r\n\r\n";
  EXPECT_TRUE(rest.starts_with(body + "HTTP/1.1 200 OK\r\n")) << rest;
  EXPECT_TRUE(rest.ends_with("plain")) << rest;
  EXPECT_EQ(server_->Send(stream, "late"), Acceptance::kNotFound);
  EXPECT_EQ(End(stream).code(), Code::kNotFound);
  EXPECT_EQ(server_->server().counters().open_streams, 0);
}

TEST_F(StreamTest, AnOldClientGetsTheBytesAsTheyAreUntilTheConnectionEnds) {
  Serve();
  TestClient client(server_->address());
  const std::uint64_t stream = Open(client, "GET /live HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_FALSE(headers_.contains("transfer-encoding"));
  EXPECT_EQ(headers_.at("connection"), "close");
  EXPECT_EQ(server_->Send(stream, "one\n"), Acceptance::kAccepted);
  EXPECT_EQ(server_->Send(stream, "two\n"), Acceptance::kAccepted);
  EXPECT_TRUE(End(stream).ok());
  EXPECT_EQ(client.ReadToEnd(), "one\ntwo\n");
}

TEST_F(StreamTest, HeadGetsTheHeadersAlone) {
  Serve();
  TestClient client(server_->address());
  const std::uint64_t stream = Open(client, "HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(server_->Send(stream, "body"), Acceptance::kNotFound);
  client.Send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "plain");
  EXPECT_EQ(server_->server().counters().open_streams, 0);
}

TEST_F(StreamTest, OneMessageReachesWebSocketsAndStreams) {
  Serve();
  TestClient socket(server_->address());
  TestClient chunked(server_->address());
  TestClient old(server_->address());
  const auto answer = server_->on_request;
  server_->on_request = [&](const RequestView& request) {
    if (request.is_upgrade) {
      EXPECT_TRUE(server_->server().Upgrade(request.exchange, {}, {}).ok());
    } else {
      answer(request);
    }
  };
  socket.OpenWebSocket();
  std::vector<std::uint64_t> numbers = {server_->WaitForRequests(++opened_).back()};
  numbers.push_back(Open(chunked));
  numbers.push_back(Open(old, "GET /live HTTP/1.0\r\nHost: x\r\n\r\n"));
  std::vector<Acceptance> accepted(3);
  server_->server().Send(numbers, "hello", accepted);
  EXPECT_EQ(accepted, std::vector<Acceptance>(3, Acceptance::kAccepted));
  EXPECT_EQ(socket.ReadFrame().payload, "hello");
  server_->server().Stop(milliseconds(5000));
  EXPECT_EQ(chunked.ReadToEnd(), "5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(old.ReadToEnd(), "hello");
}

TEST_F(StreamTest, ASlowReaderIsBoundedAndHeardOfWhenItReadsAgain) {
  Settings settings = TestSettings();
  settings.ws_queue_bytes = 64 * 1024;
  settings.ws_queue_frames = 32;
  Serve(settings);
  TestClient client(server_->address(), 4096);
  const std::uint64_t stream = Open(client);
  const std::string piece(16 * 1024, 'x');
  std::size_t accepted = 0;
  WaitFor("a full queue", [&] {
    const bool has_room = server_->Send(stream, piece) == Acceptance::kAccepted;
    accepted += has_room ? 1 : 0;
    return !has_room;
  });
  std::string received;
  std::thread reader([&] { received = client.ReadToEnd(); });
  server_->WaitForWritable(stream);
  EXPECT_TRUE(End(stream).ok());
  // Nothing asks this client for another request; the stop ends its connection.
  EXPECT_EQ(server_->WaitForClose(stream), kCloseNormal);
  server_->server().Stop(milliseconds(5000));
  reader.join();
  EXPECT_EQ(received.size(), accepted * (piece.size() + 8) + 5);
}

TEST_F(StreamTest, AReaderThatReadsNothingIsCutOff) {
  Settings settings = TestSettings();
  settings.ws_queue_bytes = 64 * 1024;
  settings.write_timeout = milliseconds(50);
  Serve(settings);
  TestClient client(server_->address(), 4096);
  const std::uint64_t stream = Open(client);
  const std::string piece(16 * 1024, 'x');
  WaitFor("a full queue", [&] { return server_->Send(stream, piece) != Acceptance::kAccepted; });
  EXPECT_EQ(server_->WaitForClose(stream), kCloseAbnormal);
}

TEST_F(StreamTest, TheEndOfAClientIsTold) {
  Settings settings = TestSettings();
  settings.half_close_grace = milliseconds(10);
  Serve(settings);
  TestClient gone(server_->address());
  const std::uint64_t first = Open(gone);
  gone.Close();
  EXPECT_EQ(server_->WaitForClose(first), kCloseAbnormal);
  TestClient half(server_->address());
  const std::uint64_t second = Open(half);
  half.ShutSending();
  EXPECT_EQ(server_->WaitForClose(second), kCloseAbnormal);
  EXPECT_EQ(server_->Send(second, "late"), Acceptance::kNotFound);
  EXPECT_EQ(server_->server().counters().open_streams, 0);
}

TEST_F(StreamTest, AnIdleStreamOutlivesTheTimeoutsOfRequests) {
  Settings settings = TestSettings();
  settings.idle_timeout = settings.write_timeout = settings.header_timeout = milliseconds(20);
  Serve(settings);
  TestClient client(server_->address());
  const std::uint64_t stream = Open(client);
  // Two connections that the same clock ends show that it has gone on.
  for (int i = 0; i < 2; ++i) {
    TestClient idle(server_->address());
    EXPECT_TRUE(idle.ReadsEnd());
  }
  EXPECT_EQ(server_->Send(stream, "still"), Acceptance::kAccepted);
  EXPECT_TRUE(End(stream).ok());
  EXPECT_EQ(server_->WaitForClose(stream), kCloseNormal);
  EXPECT_TRUE(client.ReadToEnd().starts_with("5\r\nstill\r\n0\r\n\r\n"));
}

TEST_F(StreamTest, WhatCannotBeBegunIsLeftToBeAnswered) {
  Serve();
  server_->on_request = [&](const RequestView& request) {
    Server& server = server_->server();
    if (request.is_upgrade) {
      EXPECT_EQ(server.Begin(request.exchange, {}).code(), Code::kFailedPrecondition);
    } else {
      EXPECT_EQ(server.Begin(request.exchange, {.status = 204}).code(), Code::kFailedPrecondition);
      EXPECT_EQ(server.Begin(request.exchange, {.status = 20}).code(), Code::kInvalidArgument);
    }
    server_->Respond(request.exchange, "instead");
    EXPECT_EQ(server.Begin(request.exchange, {}).code(), Code::kNotFound);
  };
  TestClient client(server_->address());
  client.Send(kGet);
  EXPECT_EQ(client.ReadResponse().body, "instead");
  client.Send(kHandshake);
  EXPECT_EQ(client.ReadResponse().body, "instead");
}

TEST_F(StreamTest, AStreamThatEndsWhileItsRequestIsHandledIsToldOf) {
  Serve();
  server_->on_request = [&](const RequestView& request) {
    EXPECT_TRUE(server_->server().Begin(request.exchange, {}).ok());
    EXPECT_TRUE(End(request.exchange).ok());
  };
  TestClient client(server_->address());
  client.Send(kGet);
  EXPECT_TRUE(client.ReadToEnd().ends_with("\r\n\r\n0\r\n\r\n"));
  EXPECT_EQ(server_->WaitForClose(server_->WaitForRequests(1).front()), kCloseNormal);
}

}  // namespace
}  // namespace tutti::transport::http::testing
