// Pausing and stopping, and what is left afterwards.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "server.h"
#include "test_client.h"
#include "test_handler.h"

namespace tutti::transport::http::testing {
namespace {

using std::chrono::milliseconds;

std::size_t OpenDescriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

TEST(ServerStop, PauseClosesIdleConnectionsAndFinishesExchanges) {
  TestServer server;
  server.on_request = [](const RequestView&) {};
  TestClient idle(server.address());
  TestClient busy(server.address());
  busy.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = server.WaitForRequests(1).at(0);
  server.server().Pause();
  EXPECT_TRUE(idle.ReadsEnd());
  server.Respond(exchange, "finished");
  const Response response = busy.ReadResponse();
  EXPECT_EQ(response.body, "finished");
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_TRUE(busy.ReadsEnd());
}

TEST(ServerStop, APausedServerRefusesConnections) {
  TestServer server;
  server.server().Pause();
  WaitFor("the port to be free", [&] {
    Settings settings = TestSettings();
    settings.listen = {server.address()};
    SilentHandler silent;
    Server other(settings, silent);
    return other.Listen().ok();
  });
}

TEST(ServerStop, ARequestBeingSentIsStillAnswered) {
  TestServer server;
  TestClient client(server.address());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
  WaitFor("the first part", [&] { return server.server().counters().request_bytes_held.load() > 0; });
  server.server().Pause();
  client.Send("b");
  EXPECT_EQ(client.ReadResponse().body, "POST / ab");
}

TEST(ServerStop, WebSocketsAreClosedWith1001) {
  TestServer server;
  TestClient client(server.address());
  client.OpenWebSocket();
  const std::uint64_t connection = server.WaitForRequests(1).at(0);
  EXPECT_EQ(server.Send(connection, "before"), Acceptance::kAccepted);
  std::thread stopper([&] { server.server().Stop(milliseconds(10'000)); });
  EXPECT_EQ(client.ReadFrame().payload, "before");
  EXPECT_EQ(client.ReadFrame().close_code(), 1001);
  client.Send(MaskedFrame(8, ClosePayload(1001)));
  EXPECT_TRUE(client.ReadsEnd());
  client.Close();
  stopper.join();
  EXPECT_EQ(server.WaitForClose(connection), 1001);
}

TEST(ServerStop, WhatIsLeftAtTheDeadlineIsCutOff) {
  TestServer server;
  server.on_request = [](const RequestView&) {};
  TestClient client(server.address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = server.WaitForRequests(1).at(0);
  server.server().Stop(milliseconds(10));
  EXPECT_EQ(server.WaitForClose(exchange), 1001);
  EXPECT_EQ(server.server().Respond(exchange, {}).code(), Code::kNotFound);
  EXPECT_EQ(server.Send(exchange, "x"), Acceptance::kNotFound);
  EXPECT_TRUE(client.ReadsEnd());
}

TEST(ServerStop, NoDescriptorIsLeftOpen) {
  const std::size_t before = OpenDescriptors();
  {
    TestServer server;
    std::vector<TestClient> clients;
    for (int i = 0; i < 20; ++i) {
      clients.emplace_back(server.address());
      if (i % 2 == 0) {
        clients.back().OpenWebSocket();
      } else {
        clients.back().Send("GET / HTTP/1.1\r\n");
      }
    }
    WaitFor("all connections", [&] { return server.server().counters().open_connections.load() == 20; });
    server.server().Stop(milliseconds(0));
    EXPECT_EQ(server.server().counters().open_connections.load(), 0);
    EXPECT_EQ(server.server().counters().open_websockets.load(), 0);
    EXPECT_EQ(server.server().counters().request_bytes_held.load(), 0);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace tutti::transport::http::testing
