#include "connection_pool.h"

#include <gtest/gtest.h>

namespace tutti::anthropic {
namespace {

TEST(BaseUrl, PartsAreTakenFromIt) {
  const struct {
    const char* url;
    bool is_secure;
    const char* host;
    int port;
    const char* path;
  } cases[] = {{"https://api.anthropic.com", true, "api.anthropic.com", 443, ""},
               {"http://127.0.0.1:8080/", false, "127.0.0.1", 8080, ""},
               {"http://[::1]:81/proxy/claude/", false, "::1", 81, "/proxy/claude"},
               {"http://localhost", false, "localhost", 80, ""}};

  for (const auto& [url, is_secure, host, port, path] : cases) {
    const auto endpoint = ParseBaseUrl(url);
    ASSERT_TRUE(endpoint.ok()) << url;
    EXPECT_EQ(endpoint->is_secure, is_secure) << url;
    EXPECT_EQ(endpoint->host, host) << url;
    EXPECT_EQ(endpoint->port, port) << url;
    EXPECT_EQ(endpoint->path, path) << url;
  }
}

TEST(BaseUrl, AnythingElseIsRefusedWithoutRepeatingIt) {
  for (const char* url : {"", "api.anthropic.com", "ftp://x", "https://", "https://user:secret@host", "http://h?x=1",
                          "http://h#secret", "http://h:port", "http://h:99999"}) {
    const auto endpoint = ParseBaseUrl(url);
    ASSERT_FALSE(endpoint.ok()) << url;
    EXPECT_EQ(endpoint.status().code(), Code::kInvalidArgument) << url;
    EXPECT_EQ(endpoint.status().message().find("secret"), std::string_view::npos) << url;
  }
}

}  // namespace
}  // namespace tutti::anthropic
