#include <gtest/gtest.h>

#include "host/gateway/authenticator.h"
#include "host/gateway/client_address.h"
#include "host/gateway/host_policy.h"
#include "host/gateway/origin_policy.h"

namespace tutti::host {
namespace {

// A request that owns its headers.
class RequestWith {
 public:
  RequestWith(std::vector<std::pair<std::string, std::string>> headers, bool is_upgrade = false,
              std::string peer = "10.0.0.9:4000")
      : headers_(std::move(headers)), peer_(std::move(peer)) {
    for (const auto& [name, value] : headers_) {
      list_.push_back({Str(name), Str(value)});
    }
    raw_.target = Str("/");
    raw_.headers = list_.data();
    raw_.header_count = list_.size();
    raw_.is_upgrade = is_upgrade ? 1 : 0;
    raw_.peer = Str(peer_);
  }

  [[nodiscard]] Request get() const { return Request(raw_); }

 private:
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string peer_;
  std::vector<tutti_header> list_;
  tutti_request raw_{};
};

TEST(HostPolicy, AcceptsLoopbackListenAddressesAndConfiguredNames) {
  const HostPolicy policy({"tutti.example.org", "box.local:8080"}, {"192.168.1.5:9403", "[::1]:9403"});
  for (const char* host : {"localhost", "LOCALHOST:1", "127.0.0.1:9403", "127.8.8.8", "[::1]:9403", "[::1]",
                           "192.168.1.5:9403", "tutti.example.org", "Tutti.Example.org:443", "box.local:8080"}) {
    EXPECT_TRUE(policy.Accepts(host)) << host;
  }
  for (const char* host : {"", "evil.example.org", "192.168.1.5:80", "box.local", "localhost.evil.org", "127.evil.org",
                           "127.0.0.1.evil.org", "localhost:x", "[::1", "localhost@evil.org", "localhost:80:80"}) {
    EXPECT_FALSE(policy.Accepts(host)) << host;
  }
}

TEST(OriginPolicy, AcceptsConfiguredLoopbackTwinsAndTheSameOrigin) {
  const OriginPolicy policy({"http://127.0.0.1:5175", "https://app.example.org"}, {"127.0.0.1:9403"});
  for (const char* origin : {"", "http://127.0.0.1:5175", "http://localhost:5175", "https://app.example.org",
                             "http://localhost:9403", "http://[::1]:9403", "http://tutti.local:9403"}) {
    EXPECT_TRUE(policy.Accepts(origin, "tutti.local:9403")) << origin;
  }
  for (const char* origin : {"null", "http://evil.example.org", "http://127.0.0.1:5176", "http://app.example.org:81",
                             "http://tutti.local:80", "http://tutti.local", "file://", "http://localhost:5175.evil.org",
                             "ftp://tutti.local:9403", "http://evil.org@localhost:9403"}) {
    EXPECT_FALSE(policy.Accepts(origin, "tutti.local:9403")) << origin;
  }
}

TEST(OriginPolicy, SameOriginHoldsWithDefaultPorts) {
  const OriginPolicy policy({}, {});
  EXPECT_TRUE(policy.Accepts("https://tutti.example.org", "tutti.example.org"));
  EXPECT_FALSE(policy.Accepts("https://tutti.example.org:8443", "tutti.example.org"));
}

TEST(OriginPolicy, StarAllowsEveryOriginAndEchoesItToCookies) {
  const OriginPolicy policy({"*"}, {});
  EXPECT_TRUE(policy.Accepts("http://anything.example.org", "localhost"));
  EXPECT_EQ(policy.AllowOrigin("http://a.org", false), "*");
  EXPECT_EQ(policy.AllowOrigin("http://a.org", true), "http://a.org");
}

TEST(Authenticator, WithoutTokensEverybodyIsTheLocalUser) {
  const auto principal = Authenticator({}).Identify(RequestWith({}).get());
  ASSERT_TRUE(principal.has_value());
  EXPECT_EQ(principal->name, "");
  EXPECT_EQ(principal->scopes, std::vector<std::string>{"*"});
}

TEST(Authenticator, KnowsABearerTokenAndNothingElse) {
  const Authenticator authenticator({{"secret-1", "ann", {"runs"}}, {"secret-2", "bob", {"*"}}});
  const auto name = [&](const std::string& value) {
    const auto principal = authenticator.Identify(RequestWith({{"Authorization", value}}).get());
    return principal ? principal->name : "nobody";
  };
  EXPECT_EQ(name("Bearer secret-1"), "ann");
  EXPECT_EQ(name("bearer  secret-2"), "bob");
  for (const char* value : {"", "Bearer", "Bearer ", "Bearer secret-3", "Bearer secret-", "Bearer secret-11",
                            "Basic secret-1", "secret-1"}) {
    EXPECT_EQ(name(value), "nobody") << value;
  }
}

TEST(Authenticator, UpgradesMayUseCookieOrSubprotocol) {
  const Authenticator authenticator({{"secret-1", "ann", {"*"}}});
  const std::vector<std::pair<std::string, std::string>> cookie = {{"Cookie", "x=1; tutti_token=secret-1"}};
  EXPECT_TRUE(authenticator.Identify(RequestWith(cookie, true).get()).has_value());
  EXPECT_FALSE(authenticator.Identify(RequestWith(cookie, false).get()).has_value())
      << "a cookie on plain requests would invite cross-site requests";
  const auto by_protocol =
      authenticator.Identify(RequestWith({{"Sec-WebSocket-Protocol", "chat, bearer.secret-1"}}, true).get());
  ASSERT_TRUE(by_protocol.has_value());
  EXPECT_EQ(by_protocol->subprotocol, "bearer.secret-1");
  EXPECT_FALSE(authenticator.Identify(RequestWith({{"Sec-WebSocket-Protocol", "bearer.wrong"}}, true).get()));
}

TEST(ClientAddress, BelievesForwardedHeadersOfTrustedProxiesOnly) {
  const std::vector<std::pair<std::string, std::string>> forwarded = {{"X-Forwarded-For", "1.1.1.1, 2.2.2.2, 10.0.0.8"},
                                                                      {"X-Forwarded-Host", "tutti.example.org"},
                                                                      {"Host", "10.0.0.1:9403"}};
  const RequestWith request(forwarded);
  EXPECT_EQ(ClientAddress(request.get(), {}), "10.0.0.9");
  EXPECT_EQ(EffectiveHost(request.get(), {}), "10.0.0.1:9403");
  EXPECT_EQ(ClientAddress(request.get(), {"10.0.0.9"}), "10.0.0.8");
  EXPECT_EQ(ClientAddress(request.get(), {"10.0.0.9", "10.0.0.8"}), "2.2.2.2");
  EXPECT_EQ(EffectiveHost(request.get(), {"10.0.0.9"}), "tutti.example.org");
}

}  // namespace
}  // namespace tutti::host
