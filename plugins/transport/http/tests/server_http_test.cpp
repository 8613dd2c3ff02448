// Whole exchanges over real sockets.
#include <gtest/gtest.h>

#include <thread>

#include "server.h"
#include "test_client.h"
#include "test_handler.h"

namespace tutti::transport::http::testing {
namespace {

TEST(HttpServer, KeepAliveServesSeveralRequestsOnOneConnection) {
  TestServer server;
  TestClient client(server.address());
  for (int i = 0; i < 5; ++i) {
    const std::string target = "/" + std::to_string(i);
    client.Send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const Response response = client.ReadResponse();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "GET " + target + " ");
    EXPECT_EQ(response.headers.at("content-type"), "text/plain");
    EXPECT_EQ(response.headers.count("date"), 1U);
  }
  EXPECT_EQ(server.server().counters().connections.load(), 1U);
  EXPECT_EQ(server.server().counters().requests.load(), 5U);
}

TEST(HttpServer, ARequestIsReadHoweverItArrives) {
  TestServer server;
  TestClient client(server.address());
  const std::string request = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    client.Send(request.substr(0, cut));
    client.Send(request.substr(cut));
    EXPECT_EQ(client.ReadResponse().body, "POST /a abc") << cut;
  }
}

TEST(HttpServer, PipelinedRequestsAreAnsweredInOrderOneAtATime) {
  TestServer server;
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  server.on_request = [&](const RequestView& request) {
    most = std::max(most.load(), ++running);
    const std::string body(request.target);
    --running;
    server.Respond(request.exchange, body);
  };
  TestClient client(server.address());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  client.Send(requests);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(client.ReadResponse().body, "/" + std::to_string(i));
  }
  EXPECT_EQ(most, 1);
}

TEST(HttpServer, AnAnswerMayComeLaterFromAnotherThread) {
  TestServer server;
  server.on_request = [](const RequestView&) {};
  TestClient client(server.address());
  client.Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t first = server.WaitForRequests(1).at(0);
  std::thread([&] { server.Respond(first, "one"); }).join();
  EXPECT_EQ(client.ReadResponse().body, "one");
  server.Respond(server.WaitForRequests(2).at(1), "two");
  EXPECT_EQ(client.ReadResponse().body, "two");
}

TEST(HttpServer, HeadGetsTheHeadersAndNoBody) {
  TestServer server;
  TestClient client(server.address());
  client.Send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  const Response head = client.ReadResponse(true);
  EXPECT_EQ(head.headers.at("content-length"), "8");
  EXPECT_EQ(client.ReadResponse().body, "GET /b ");
}

TEST(HttpServer, ConnectionCloseIsObeyed) {
  TestServer server;
  TestClient client(server.address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_TRUE(client.ReadsEnd());
}

TEST(HttpServer, Http10ClosesUnlessAskedToKeep) {
  TestServer server;
  TestClient closing(server.address());
  closing.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.ReadResponse().headers.at("connection"), "close");
  EXPECT_TRUE(closing.ReadsEnd());

  TestClient keeping(server.address());
  keeping.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.ReadResponse().headers.at("connection"), "keep-alive");
  keeping.Send("GET /again HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.ReadResponse().body, "GET /again ");
}

TEST(HttpServer, ExpectContinueIsAnsweredBeforeTheBody) {
  TestServer server;
  TestClient client(server.address());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 100);
  client.Send("ab");
  EXPECT_EQ(client.ReadResponse().body, "POST / ab");
}

TEST(HttpServer, ChunkedBodiesArriveWhole) {
  TestServer server;
  TestClient client(server.address());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.Send("2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "POST / abcde");
}

TEST(HttpServer, LargeBodiesAndAnswersPassWhole) {
  Settings settings = TestSettings();
  settings.body_bytes = 8 * 1024 * 1024;
  TestServer server(settings);
  server.on_request = [&](const RequestView& request) { server.Respond(request.exchange, request.body); };
  TestClient client(server.address());
  std::string body(6 * 1024 * 1024, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>('a' + i % 23);
  }
  std::thread sender([&] {
    client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  sender.join();
  const Response response = client.ReadResponse();
  EXPECT_TRUE(response.body == body);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 200);
}

TEST(HttpServer, TheHandlerSeesBothAddresses) {
  TestServer server;
  server.on_request = [&](const RequestView& request) {
    server.Respond(request.exchange, std::string(request.local) + " " + std::string(request.peer));
  };
  TestClient client(server.address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string body = client.ReadResponse().body;
  EXPECT_EQ(body.substr(0, server.address().size() + 1), server.address() + " ");
  EXPECT_EQ(body.substr(server.address().size() + 1, 10), "127.0.0.1:");
}

TEST(HttpServer, ASecondAnswerIsNotFound) {
  TestServer server;
  server.on_request = [](const RequestView&) {};
  TestClient client(server.address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = server.WaitForRequests(1).at(0);
  server.Respond(exchange, "once");
  EXPECT_EQ(server.server().Respond(exchange, {}).code(), Code::kNotFound);
  EXPECT_EQ(server.server().Upgrade(exchange, {}, {}).code(), Code::kNotFound);
  EXPECT_EQ(server.server().Close(exchange, 1000, {}).code(), Code::kNotFound);
  EXPECT_EQ(server.Send(exchange, "x"), Acceptance::kNotFound);
  EXPECT_EQ(server.server().Respond(0, {}).code(), Code::kNotFound);
  EXPECT_EQ(server.server().Respond(~std::uint64_t{0}, {}).code(), Code::kNotFound);
  EXPECT_EQ(client.ReadResponse().body, "once");
}

TEST(HttpServer, ARefusedAnswerLeavesTheExchangeOpen) {
  Settings settings = TestSettings();
  settings.response_bytes = 1024;
  TestServer server(settings);
  server.on_request = [](const RequestView&) {};
  TestClient client(server.address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = server.WaitForRequests(1).at(0);
  const HeaderView split{"A", "b\r\nC: d"};
  EXPECT_EQ(server.server().Respond(exchange, {.status = 200, .headers = {&split, 1}}).code(), Code::kInvalidArgument);
  const std::string large(1025, 'a');
  EXPECT_EQ(server.server().Respond(exchange, {.status = 200, .body = large}).code(), Code::kResourceExhausted);
  EXPECT_EQ(server.server().Upgrade(exchange, {}, {}).code(), Code::kFailedPrecondition);
  server.Respond(exchange, "good");
  EXPECT_EQ(client.ReadResponse().body, "good");
}

TEST(HttpServer, AClientThatGoesAwayEndsItsExchange) {
  Settings settings = TestSettings();
  settings.half_close_grace = std::chrono::milliseconds(20);
  TestServer server(settings);
  server.on_request = [](const RequestView&) {};
  TestClient client(server.address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = server.WaitForRequests(1).at(0);
  client.Close();
  EXPECT_EQ(server.WaitForClose(exchange), 1006);
  EXPECT_EQ(server.server().Respond(exchange, {}).code(), Code::kNotFound);
}

TEST(HttpServer, AHalfClosedClientStillGetsAPromptAnswer) {
  TestServer server;
  TestClient client(server.address());
  client.Send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ShutSending();
  EXPECT_EQ(client.ReadResponse().body, "GET /half ");
  EXPECT_TRUE(client.ReadsEnd());
}

TEST(HttpServer, APortInUseIsSaid) {
  TestServer first;
  Settings settings = TestSettings();
  settings.listen = {first.address()};
  SilentHandler silent;
  Server second(settings, silent);
  const auto listening = second.Listen();
  ASSERT_FALSE(listening.ok());
  EXPECT_EQ(listening.status().code(), Code::kAlreadyExists);
  EXPECT_NE(listening.status().message().find(first.address()), std::string::npos);
}

TEST(HttpServer, AWrongAddressIsSaid) {
  for (const char* address : {"nonsense", "127.0.0.1:99999", "192.0.2.1:0"}) {
    Settings settings = TestSettings();
    settings.listen = {address};
    SilentHandler silent;
    Server server(settings, silent);
    const auto listening = server.Listen();
    ASSERT_FALSE(listening.ok()) << address;
    EXPECT_NE(listening.status().message().find(address), std::string::npos);
  }
}

TEST(HttpServer, AMissingIPv6LoopbackIsOnlyAWarning) {
  Settings settings = TestSettings();
  settings.listen = {"127.0.0.1:0", "[::1]:0"};
  SilentHandler silent;
  Server server(settings, silent);
  const auto listening = server.Listen();
  ASSERT_TRUE(listening.ok()) << listening.status().ToString();
  // Which of the two it is depends on the machine.
  EXPECT_EQ(listening->addresses.size() + listening->warnings.size(), 2U);
  EXPECT_EQ(listening->addresses.front().substr(0, 10), "127.0.0.1:");
}

TEST(HttpServer, SeveralAddressesAndLoopsServeAlike) {
  Settings settings = TestSettings();
  settings.listen = {"127.0.0.1:0", "127.0.0.1:0"};
  settings.io_threads = 3;
  TestServer server(settings);
  std::vector<TestClient> clients;
  for (int i = 0; i < 30; ++i) {
    clients.emplace_back(server.address());
  }
  for (int round = 0; round < 3; ++round) {
    for (TestClient& client : clients) {
      client.Send("GET /r HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    for (TestClient& client : clients) {
      EXPECT_EQ(client.ReadResponse().body, "GET /r ");
    }
  }
}

}  // namespace
}  // namespace tutti::transport::http::testing
