// The plugin through its C tables, in a host in memory.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http_transport.h"
#include "test_client.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::transport::http::testing {
namespace {

using tutti::testing::ArrivedMessage;
using tutti::testing::ArrivedRequest;
using tutti::testing::FakeHost;
using tutti::testing::Load;
using tutti::testing::LoadedPlugin;

constexpr const char* kConfig = R"({"listen":"127.0.0.1:0","linger_timeout_ms":50,"stop_timeout_ms":2000})";

// The plugin's transport table, as the host uses it.
class Transport {
 public:
  explicit Transport(LoadedPlugin& plugin)
      : self_(plugin.self()), table_(plugin.Extension<tutti_transport>(TUTTI_KIND_TRANSPORT)) {}

  tutti_code Listen() {
    bound_.clear();
    error_.clear();
    const auto append = [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); };
    const tutti_sink bound{sizeof bound, &bound_, append};
    const tutti_sink error{sizeof error, &error_, append};
    return table_->listen(self_, &bound, &error);
  }

  tutti_code Respond(std::uint64_t exchange, std::uint32_t status, std::string_view body) {
    const tutti_header type{Str("Content-Type"), Str("text/plain")};
    const tutti_response response{sizeof response, status, &type, 1, Str(body)};
    return table_->respond(self_, exchange, &response);
  }

  tutti_code Send(std::uint64_t connection, std::string_view message) {
    tutti_code accepted = TUTTI_UNKNOWN;
    table_->send(self_, &connection, 1, Str(message), &accepted);
    return accepted;
  }

  [[nodiscard]] std::string address() const { return std::string(Json::Parse(bound_)->view()[0].AsString()); }

  [[nodiscard]] const std::string& error() const { return error_; }

  [[nodiscard]] const tutti_transport& table() const { return *table_; }

  [[nodiscard]] void* self() const { return self_; }

 private:
  void* self_;
  const tutti_transport* table_;
  std::string bound_;
  std::string error_;
};

TEST(HttpPlugin, RequestsReachTheGatewayAndAnswersTheClient) {
  FakeHost host;
  LoadedPlugin plugin = Load<HttpTransport>(host);
  ASSERT_TRUE(plugin.Start(kConfig).ok());
  Transport transport(plugin);
  host.gateway().on_request = [&](const ArrivedRequest& request) {
    EXPECT_EQ(transport.Respond(request.exchange, 201, request.method + request.target + request.body), TUTTI_OK);
  };
  ASSERT_EQ(transport.Listen(), TUTTI_OK) << transport.error();
  TestClient client(transport.address());
  client.Send("POST /a?b HTTP/1.1\r\nHost: x\r\nX-Y: z\r\nContent-Length: 2\r\n\r\nhi");
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "POST/a?bhi");
  EXPECT_EQ(response.headers.at("content-type"), "text/plain");
  const auto requests = host.gateway().requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].headers.at(1), (std::pair<std::string, std::string>("X-Y", "z")));
  EXPECT_EQ(requests[0].local, transport.address());
  EXPECT_FALSE(requests[0].is_secure);
  EXPECT_EQ(transport.Respond(requests[0].exchange, 200, ""), TUTTI_NOT_FOUND);
}

TEST(HttpPlugin, WebSocketsPassMessagesBothWays) {
  FakeHost host;
  LoadedPlugin plugin = Load<HttpTransport>(host);
  ASSERT_TRUE(plugin.Start(kConfig).ok());
  Transport transport(plugin);
  host.gateway().on_request = [&](const ArrivedRequest& request) {
    EXPECT_TRUE(request.is_upgrade);
    EXPECT_EQ(transport.table().upgrade(transport.self(), request.exchange, {}, nullptr, 0), TUTTI_OK);
  };
  host.gateway().on_message = [&](const ArrivedMessage& message) {
    EXPECT_EQ(transport.Send(message.connection, message.message + "!"), TUTTI_OK);
  };
  ASSERT_EQ(transport.Listen(), TUTTI_OK) << transport.error();
  TestClient client(transport.address());
  client.OpenWebSocket();
  client.Send(MaskedFrame(1, "hello"));
  EXPECT_EQ(client.ReadFrame().payload, "hello!");
  const std::uint64_t connection = host.gateway().requests().at(0).exchange;
  EXPECT_EQ(transport.table().close(transport.self(), connection, 70'000, {}), TUTTI_INVALID_ARGUMENT);
  EXPECT_EQ(transport.table().close(transport.self(), connection, 1013, Str("later")), TUTTI_OK);
  EXPECT_EQ(client.ReadFrame().close_code(), 1013);
  client.Close();
  EXPECT_TRUE(host.WaitUntil([&] { return host.gateway().closed().size() == 1; }));
  EXPECT_EQ(host.gateway().closed().at(0).code, 1013U);
  EXPECT_EQ(transport.Send(connection, "late"), TUTTI_NOT_FOUND);
}

TEST(HttpPlugin, ItListensAgainAfterDeactivationAndKnowsNoOldNumbers) {
  FakeHost host;
  LoadedPlugin plugin = Load<HttpTransport>(host);
  ASSERT_TRUE(plugin.Start(kConfig).ok());
  Transport transport(plugin);
  EXPECT_EQ(transport.Respond(1, 200, ""), TUTTI_NOT_FOUND);
  EXPECT_EQ(transport.Send(1, ""), TUTTI_NOT_FOUND);
  ASSERT_EQ(transport.Listen(), TUTTI_OK) << transport.error();
  TestClient first(transport.address());
  first.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(host.WaitUntil([&] { return host.gateway().requests().size() == 1; }));
  const std::uint64_t old = host.gateway().requests().at(0).exchange;
  plugin.Deactivate();
  EXPECT_EQ(transport.Respond(old, 200, ""), TUTTI_NOT_FOUND);

  ASSERT_TRUE(plugin.Activate().ok());
  ASSERT_EQ(transport.Listen(), TUTTI_OK) << transport.error();
  TestClient second(transport.address());
  second.Send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(host.WaitUntil([&] { return host.gateway().requests().size() == 2; }));
  EXPECT_EQ(transport.Respond(old, 200, "old"), TUTTI_NOT_FOUND);
  EXPECT_EQ(transport.Respond(host.gateway().requests().at(1).exchange, 200, "new"), TUTTI_OK);
  EXPECT_EQ(second.ReadResponse().body, "new");
}

TEST(HttpPlugin, BadConfigurationIsRefusedWithASentence) {
  FakeHost host;
  LoadedPlugin plugin = Load<HttpTransport>(host);
  const Status status = plugin.Init(R"({"tls":{"certificate":"c.pem"}})");
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("TLS is not offered yet"), std::string_view::npos);
}

TEST(HttpPlugin, AnAddressThatCannotBeBoundIsReported) {
  FakeHost host;
  LoadedPlugin plugin = Load<HttpTransport>(host);
  ASSERT_TRUE(plugin.Start(R"({"listen":["192.0.2.1:0"]})").ok());
  Transport transport(plugin);
  EXPECT_NE(transport.Listen(), TUTTI_OK);
  EXPECT_NE(transport.error().find("192.0.2.1:0"), std::string::npos);
}

TEST(HttpPlugin, CountersReachTheHostsMetrics) {
  FakeHost host;
  LoadedPlugin plugin = Load<HttpTransport>(host);
  ASSERT_TRUE(plugin.Start(kConfig).ok());
  Transport transport(plugin);
  host.gateway().on_request = [&](const ArrivedRequest& request) {
    EXPECT_EQ(transport.Respond(request.exchange, 200, ""), TUTTI_OK);
  };
  ASSERT_EQ(transport.Listen(), TUTTI_OK) << transport.error();
  TestClient client(transport.address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 200);
  client.Close();
  plugin.Deactivate();
  EXPECT_EQ(host.records().Metric("http_requests_total"), 1.0);
}

}  // namespace
}  // namespace tutti::transport::http::testing
