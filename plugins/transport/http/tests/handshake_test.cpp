#include "handshake.h"

#include <gtest/gtest.h>

#include "request_reader.h"

namespace tutti::transport::http {
namespace {

constexpr std::string_view kKeyLine = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

struct Outcome {
  int refused = 0;
  bool is_upgrade = false;
  std::string extra_headers;
};

Outcome Read(std::string_view method, std::string_view version, std::string_view headers) {
  RequestReader reader({});
  (void)reader.Feed(std::string(method) + " /ws HTTP/" + std::string(version) + "\r\nHost: x\r\n" +
                    std::string(headers) + "\r\n");
  if (reader.refusal()) {
    return {reader.refusal()->status, false, reader.refusal()->extra_headers};
  }
  EXPECT_TRUE(reader.is_complete());
  return {0, reader.Take()->is_upgrade, {}};
}

TEST(Handshake, AcceptKeyIsThatOfTheStandard) {
  EXPECT_EQ(AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, RequestsAreJudged) {
  const std::string key(kKeyLine);
  const std::string asks = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";

  struct Case {
    const char* name;
    const char* method;
    const char* http;
    std::string headers;
    int refused;
    bool is_upgrade;
  };

  const Case cases[] = {
      {"good", "GET", "1.1", asks + version + key, 0, true},
      {"good with lists", "GET", "1.1",
       "Upgrade: h2c, WebSocket\r\nConnection: keep-alive, upgrade\r\n" + version + key, 0, true},
      {"does not ask", "GET", "1.1", "Connection: Upgrade\r\n" + version + key, 0, false},
      {"1.0 cannot ask", "GET", "1.0", asks + version + key, 0, false},
      {"no Connection token", "GET", "1.1", "Upgrade: websocket\r\n" + version + key, 400, false},
      {"POST", "POST", "1.1", asks + version + key, 400, false},
      {"body", "GET", "1.1", asks + version + key + "Content-Length: 1\r\n", 400, false},
      {"no version", "GET", "1.1", asks + key, 426, false},
      {"version 8", "GET", "1.1", asks + key + "Sec-WebSocket-Version: 8\r\n", 426, false},
      {"no key", "GET", "1.1", asks + version, 400, false},
      {"two keys", "GET", "1.1", asks + version + key + key, 400, false},
      {"short key", "GET", "1.1", asks + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n", 400, false},
      {"key that is no base64", "GET", "1.1", asks + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==\r\n", 400,
       false},
      {"key with stray bits", "GET", "1.1", asks + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n", 400,
       false},
  };
  for (const Case& test : cases) {
    const Outcome outcome = Read(test.method, test.http, test.headers);
    EXPECT_EQ(outcome.refused, test.refused) << test.name;
    EXPECT_EQ(outcome.is_upgrade, test.is_upgrade) << test.name;
  }
}

TEST(Handshake, AnotherVersionIsToldWhichOneIsSpoken) {
  const Outcome outcome =
      Read("GET", "1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n");
  EXPECT_NE(outcome.extra_headers.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
}

}  // namespace
}  // namespace tutti::transport::http
