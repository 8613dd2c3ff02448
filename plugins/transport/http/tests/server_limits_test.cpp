// Every limit, with what a client sees of it. Times are configured short; none is asserted.
#include <gtest/gtest.h>

#include <latch>

#include "server.h"
#include "test_client.h"
#include "test_handler.h"
#include "tutti/sdk/json.hpp"

namespace tutti::transport::http::testing {
namespace {

using std::chrono::milliseconds;

// Sends the bytes and expects a refusal with a sentence, after which the server closes.
void ExpectRefused(TestServer& server, std::string_view bytes, int status) {
  TestClient client(server.address());
  client.Send(bytes);
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.status, status);
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  EXPECT_EQ(response.headers.at("connection"), "close");
  const auto body = Json::Parse(response.body);
  ASSERT_TRUE(body.ok()) << response.body;
  EXPECT_FALSE((*body)["detail"].AsString().empty());
  EXPECT_TRUE(client.ReadsEnd());
}

TEST(HttpLimits, WhatIsNoRequestIsRefusedWithItsStatus) {
  Settings settings = TestSettings();
  settings.body_bytes = 100;
  settings.target_bytes = 100;
  settings.header_bytes = 1000;
  settings.header_count = 10;
  TestServer server(settings);
  const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\n";
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += "A: b\r\n";
  }
  ExpectRefused(server, "nonsense\r\n\r\n", 400);
  ExpectRefused(server, "GET / HTTP/1.1\r\n\r\n", 400);
  ExpectRefused(server, begin + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
  ExpectRefused(server, begin + "Content-Length: 101\r\n\r\n", 413);
  ExpectRefused(server, "GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414);
  ExpectRefused(server, begin + "Expect: tea\r\n\r\n", 417);
  ExpectRefused(server, begin + "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n", 426);
  ExpectRefused(server, begin + many + "\r\n", 431);
  ExpectRefused(server, begin + "A: " + std::string(2000, 'a') + "\r\n\r\n", 431);
  ExpectRefused(server, begin + "Transfer-Encoding: gzip\r\n\r\n", 501);
  ExpectRefused(server, "GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505);
  EXPECT_EQ(server.server().counters().requests.load(), 0U);
  EXPECT_EQ(server.server().counters().requests_refused.load(), 11U);
}

TEST(HttpLimits, ARefusedUploadStillReadsTheAnswer) {
  Settings settings = TestSettings();
  settings.body_bytes = 1000;
  TestServer server(settings);
  // More than the socket buffers hold would block the client, so it stops where the server stops reading.
  ExpectRefused(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'a'),
                413);
}

TEST(HttpLimits, ASlowHeaderIsEnded) {
  Settings settings = TestSettings();
  settings.header_timeout = milliseconds(50);
  TestServer server(settings);
  ExpectRefused(server, "GET / HTTP/1.1\r\nHost:", 408);
}

TEST(HttpLimits, ASlowBodyIsEnded) {
  Settings settings = TestSettings();
  settings.body_timeout = milliseconds(50);
  TestServer server(settings);
  ExpectRefused(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", 408);
  ExpectRefused(server, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 408);
}

TEST(HttpLimits, ADrippingBodyIsEndedThoughItMoves) {
  Settings settings = TestSettings();
  settings.body_timeout = milliseconds(50);
  settings.min_bytes_per_second = 1'000'000;
  TestServer server(settings);
  TestClient client(server.address());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  WaitFor("the refusal", [&] {
    (void)client.SendSome("a");
    return server.server().counters().requests_refused.load() == 1;
  });
  EXPECT_EQ(client.ReadResponse().status, 408);
}

TEST(HttpLimits, AnIdleConnectionIsClosedSilently) {
  Settings settings = TestSettings();
  settings.idle_timeout = milliseconds(50);
  TestServer server(settings);
  TestClient fresh(server.address());
  EXPECT_TRUE(fresh.ReadsEnd());
  TestClient used(server.address());
  used.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(used.ReadResponse().status, 200);
  EXPECT_TRUE(used.ReadsEnd());
}

TEST(HttpLimits, ASlowHandlerIsNoIdleConnection) {
  Settings settings = TestSettings();
  settings.idle_timeout = milliseconds(20);
  settings.header_timeout = milliseconds(20);
  TestServer server(settings);
  server.on_request = [](const RequestView&) {};
  TestClient waiting(server.address());
  waiting.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = server.WaitForRequests(1).at(0);
  // An idle one that comes later is closed first.
  TestClient idle(server.address());
  EXPECT_TRUE(idle.ReadsEnd());
  server.Respond(exchange, "at last");
  EXPECT_EQ(waiting.ReadResponse().body, "at last");
}

TEST(HttpLimits, ASlowReaderIsClosed) {
  Settings settings = TestSettings();
  settings.write_timeout = milliseconds(50);
  TestServer server(settings);
  const std::string large(20 * 1024 * 1024, 'a');
  server.on_request = [&](const RequestView& request) { server.Respond(request.exchange, large); };
  TestClient client(server.address(), 4096);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  WaitFor("the slow reader's end", [&] {
    return server.server().counters().open_connections.load() == 0 && server.server().counters().requests.load() == 1;
  });
  EXPECT_LT(client.ReadToEnd().size(), large.size());
}

TEST(HttpLimits, BeyondTheConnectionLimitIs503) {
  Settings settings = TestSettings();
  settings.max_connections = 2;
  TestServer server(settings);
  TestClient first(server.address());
  auto second = std::make_unique<TestClient>(server.address());
  for (TestClient* client : {&first, second.get()}) {
    client->Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client->ReadResponse().status, 200);
  }
  TestClient third(server.address());
  third.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Response refused = third.ReadResponse();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_TRUE(third.ReadsEnd());
  EXPECT_EQ(server.server().counters().connections_refused.load(), 1U);

  second.reset();
  WaitFor("room", [&] { return server.server().counters().open_connections.load() == 1; });
  TestClient fourth(server.address());
  fourth.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(fourth.ReadResponse().status, 200);
}

TEST(HttpLimits, AFullWorkerQueueIs503) {
  Settings settings = TestSettings();
  settings.workers = 1;
  settings.worker_queue = 1;
  TestServer server(settings);
  std::latch release(1);
  server.on_request = [&](const RequestView& request) {
    release.wait();
    server.Respond(request.exchange, "done");
  };
  TestClient running(server.address());
  running.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  (void)server.WaitForRequests(1);
  TestClient queued(server.address());
  queued.Send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  WaitFor("the second request", [&] { return server.server().counters().requests.load() == 2; });
  ExpectRefused(server, "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n", 503);
  release.count_down();
  EXPECT_EQ(running.ReadResponse().body, "done");
  EXPECT_EQ(queued.ReadResponse().body, "done");
}

TEST(HttpLimits, RequestBytesOfAllConnectionsAreBounded) {
  Settings settings = TestSettings();
  settings.request_memory_bytes = 1024 * 1024;
  TestServer server(settings);
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n";
  TestClient first(server.address());
  first.Send(head + std::string(800'000, 'a'));
  WaitFor("the first body", [&] { return server.server().counters().request_bytes_held.load() > 800'000; });
  TestClient second(server.address());
  second.Send(head + std::string(400'000, 'a'));
  const Response refused = second.ReadResponse();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  first.Send(std::string(100'000, 'a'));
  EXPECT_EQ(first.ReadResponse().status, 200);
  WaitFor("all bytes to be released", [&] { return server.server().counters().request_bytes_held.load() == 0; });
}

TEST(HttpLimits, BytesPipelinedBehindARequestCountToo) {
  TestServer server;
  server.on_request = [](const RequestView&) {};
  TestClient client(server.address());
  const std::string behind = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf";
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + behind);
  const std::uint64_t exchange = server.WaitForRequests(1).at(0);
  WaitFor("the bytes behind alone",
          [&] { return server.server().counters().request_bytes_held.load() == static_cast<int>(behind.size()); });
  server.Respond(exchange, "");
  client.Close();
  WaitFor("all bytes to be released", [&] { return server.server().counters().request_bytes_held.load() == 0; });
}

}  // namespace
}  // namespace tutti::transport::http::testing
