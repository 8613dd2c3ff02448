// Routes whose answer is bytes of the command's choice, and routes that need no token.
#include "host/gateway/raw_answer.h"

#include <gtest/gtest.h>

#include "host/registry/command_definition.h"
#include "tests/host/gateway/gateway_fixture.h"

namespace tutti::host {
namespace {

constexpr const char* kDefinitions = R"([
  {"name":"page.show","effects":"read","surfaces":["rest"],
   "rest":[{"method":"GET","path":"/","answer":"raw","public":true,"errors":"detail"}]},
  {"name":"page.secret","effects":"read","surfaces":["rest"],
   "rest":[{"method":"GET","path":"/secret","answer":"raw"}]}])";

constexpr const char* kPage = R"({"content_type":"text/html; charset=utf-8","body":"<p>hi</p>","etag":"\"v1\"",
  "cache_control":"no-cache","headers":{"Content-Security-Policy":"default-src 'none'"}})";

class RawAnswerTest : public GatewayTest {
 protected:
  void StartWith(std::string result, GatewaySettings settings = {}) {
    Start(kDefinitions, std::move(settings));
    On("page.show", [this, result](const Invocation& call) { Finish(call, result); });
  }
};

TEST_F(RawAnswerTest, BytesTypeAndHeadersAreTheCommands) {
  StartWith(kPage);
  const SentResponse sent = Get("/");
  EXPECT_EQ(sent.status, 200U);
  EXPECT_EQ(sent.body, "<p>hi</p>");
  EXPECT_EQ(sent.Header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(sent.Header("ETag"), "\"v1\"");
  EXPECT_EQ(sent.Header("Cache-Control"), "no-cache");
  EXPECT_EQ(sent.Header("Content-Security-Policy"), "default-src 'none'");
  EXPECT_EQ(sent.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(Ask({.method = "HEAD", .target = "/"}).Header("ETag"), "\"v1\"");
}

TEST_F(RawAnswerTest, WhatTheClientHasAlreadyIsNotSentAgain) {
  StartWith(kPage);
  for (const char* known : {"\"v1\"", "W/\"v1\"", "\"v0\", \"v1\"", "*"}) {
    const SentResponse sent = Ask({.target = "/", .headers = {{"If-None-Match", known}}});
    EXPECT_EQ(sent.status, 304U) << known;
    EXPECT_EQ(sent.body, "") << known;
    EXPECT_EQ(sent.Header("ETag"), "\"v1\"") << known;
  }
  EXPECT_EQ(Ask({.target = "/", .headers = {{"If-None-Match", "\"v2\""}}}).status, 200U);
}

TEST_F(RawAnswerTest, BytesMayBeBase64) {
  StartWith(R"({"content_type":"image/png","base64":"AAEC/w=="})");
  const SentResponse sent = Get("/");
  EXPECT_EQ(sent.body, std::string("\x00\x01\x02\xff", 4));
  EXPECT_EQ(sent.Header("Cache-Control"), "no-store");
}

TEST_F(RawAnswerTest, AResultOfAnotherFormIsTheCommandsFault) {
  for (const char* result :
       {"", "7", R"({"body":"x"})", R"({"content_type":"text/plain"})", R"({"content_type":"text/plain","base64":"%"})",
        R"({"content_type":"a\r\nb","body":""})", R"({"content_type":"text/plain","body":"","etag":"v1"})",
        R"({"content_type":"text/plain","body":"","headers":{"Set-Cookie":"a=b"}})",
        R"({"content_type":"text/plain","body":"","headers":{"Access-Control-Allow-Origin":"*"}})",
        R"({"content_type":"text/plain","body":"","headers":{"x-content-type-options":""}})",
        R"({"content_type":"text/plain","body":"","headers":{"X-A":"a\nB: c"}})",
        R"({"content_type":"text/plain","body":"","headers":{"X A":"a"}})"}) {
    EXPECT_EQ(RawAnswer::Parse(result).status().code(), Code::kInternal) << result;
  }
  StartWith(R"({"body":"x"})");
  const SentResponse sent = Get("/");
  EXPECT_EQ(sent.status, 500U);
  EXPECT_NE(sent.body.find("content_type"), std::string::npos) << sent.body;
}

TEST_F(RawAnswerTest, APublicRouteNeedsNoTokenAndTheOthersDo) {
  StartWith(kPage, {.tokens = {{"secret", "ann", {"*"}}}});
  EXPECT_EQ(Get("/").status, 200U);
  EXPECT_EQ(Ask({.target = "/", .headers = {{"Authorization", "Bearer wrong"}}}).status, 200U);
  EXPECT_EQ(Get("/secret").status, 401U);
  EXPECT_EQ(Ask({.method = "POST", .target = "/"}).status, 401U);
  EXPECT_EQ(Ask({.target = "/", .host = "evil.example"}).status, 403U);
  EXPECT_EQ(Ask({.target = "/", .headers = {{"Origin", "http://evil.example"}}}).status, 403U);
}

TEST(CommandDefinitionRest, OnlyAReadWithoutScopesMayBePublic) {
  const auto parse = [](const char* text) { return ParseCommandDefinition(Json::Parse(text)->view()).status(); };
  EXPECT_TRUE(parse(R"({"name":"a.b","effects":"read","rest":[{"path":"/","public":true}]})").ok());
  for (const char* refused :
       {R"({"name":"a.b","effects":"write","rest":[{"path":"/","public":true}]})",
        R"({"name":"a.b","effects":"read","scopes":["x"],"rest":[{"path":"/","public":true}]})",
        R"({"name":"a.b","effects":"read","rest":[{"method":"POST","path":"/","public":true}]})"}) {
    EXPECT_NE(parse(refused).message().find("rest.public"), std::string::npos) << refused;
  }
  EXPECT_NE(parse(R"({"name":"a.b","rest":[{"path":"/","answer":"html"}]})").message().find("rest.answer"),
            std::string::npos);
}

}  // namespace
}  // namespace tutti::host
