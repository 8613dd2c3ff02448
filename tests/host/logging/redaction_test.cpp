#include "host/logging/redaction.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(IsSecretKey, KnowsTheUsualNames) {
  for (const char* secret : {"key", "api_key", "API-KEY", "x-api-key", "apiKey", "token", "access_token", "authToken",
                             "password", "PASSWORD", "db_password", "authorization", "Proxy-Authorization",
                             "client_secret", "cookie", "Set-Cookie", "credentials"}) {
    EXPECT_TRUE(IsSecretKey(secret)) << secret;
  }
  for (const char* plain : {"", "id", "max_tokens", "input_tokens", "keyboard", "tokens", "path", "author"}) {
    EXPECT_FALSE(IsSecretKey(plain)) << plain;
  }
}

TEST(MaskUrls, RemovesUserInformation) {
  struct Case {
    const char* text;
    const char* masked;
  };

  for (const Case& c : {Case{"postgresql://ada:pa@ss@host:5432/db?x=y@z", "postgresql://***@host:5432/db?x=y@z"},
                        {"http://host/a@b", "http://host/a@b"},
                        {"a://u@h and b://v:w@i/", "a://***@h and b://***@i/"},
                        {"no url, a@b", "no url, a@b"},
                        {"://", "://"},
                        {"x://@", "x://***@"},
                        {"", ""}}) {
    EXPECT_EQ(MaskUrls(c.text), c.masked) << c.text;
  }
}

TEST(Redact, MasksByKeyAndKeepsReferences) {
  EXPECT_EQ(Redact("api_key", "sk-1"), "***");
  EXPECT_EQ(Redact("api_key", ""), "");
  EXPECT_EQ(Redact("api_key", "secret://anthropic"), "secret://anthropic");
  EXPECT_EQ(Redact("url", "postgresql://a:b@c/d"), "postgresql://***@c/d");
  EXPECT_EQ(Redact("path", "/etc"), "/etc");
}

}  // namespace
}  // namespace tutti::host
