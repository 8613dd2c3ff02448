#include "settings.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

Result<Settings> Read(const char* config) {
  const auto json = Json::Parse(config);
  return ReadSettings(json->view());
}

TEST(Settings, EveryKeyIsRead) {
  const auto settings = Read(
      R"({"base_url":"http://h:1/p","api_key":"secret://k","model":"opus","max_tokens":5,"prompt_caching":false,)"
      R"("aliases":{"a":"b"},"models":[{"id":"b"}],"max_concurrent":3,"max_queued":4,"max_retries":5,)"
      R"("max_retry_after_ms":6,"connect_timeout_ms":7,"idle_timeout_ms":8,"keep_alive_ms":9,"max_idle_connections":10,)"
      R"("max_event_bytes":1111,"max_response_bytes":2222,"emit_timeout_ms":11,"ca_file":"/ca"})");
  ASSERT_TRUE(settings.ok()) << settings.status().ToString();
  using std::chrono::milliseconds;
  EXPECT_EQ(settings->client.endpoint.host, "h");
  EXPECT_EQ(settings->api_key_reference, "secret://k");
  EXPECT_EQ(settings->client.builder.default_model, "opus");
  EXPECT_EQ(settings->client.builder.default_max_tokens, 5);
  EXPECT_FALSE(settings->client.builder.prompt_caching);
  EXPECT_EQ(settings->models.Resolve("a"), "b");
  EXPECT_NE(settings->models.Find("b"), nullptr);
  EXPECT_EQ(settings->max_concurrent, 3U);
  EXPECT_EQ(settings->max_queued, 4U);
  EXPECT_EQ(settings->client.retry.max_retries, 5);
  EXPECT_EQ(settings->client.retry.max_retry_after, milliseconds(6));
  EXPECT_EQ(settings->client.connection.connect_timeout, milliseconds(7));
  EXPECT_EQ(settings->client.connection.idle_timeout, milliseconds(8));
  EXPECT_EQ(settings->client.connection.keep_alive, milliseconds(9));
  EXPECT_EQ(settings->client.connection.max_idle, 10U);
  EXPECT_EQ(settings->client.max_event_bytes, 1111U);
  EXPECT_EQ(settings->client.max_response_bytes, 2222U);
  EXPECT_EQ(settings->emit_timeout, milliseconds(11));
  EXPECT_EQ(settings->client.connection.ca_file, "/ca");
}

TEST(Settings, WrongUrlOrModelIsRefused) {
  EXPECT_EQ(Read(R"({"base_url":"nonsense"})").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Read(R"({"models":[{"id":""}]})").status().code(), Code::kInvalidArgument);
}

TEST(Settings, KeyIsTakenWithoutWhiteSpaceAroundItAndMustFitAHeader) {
  ClientSettings client;
  EXPECT_TRUE(ReadApiKey("  sk-1\n", client).ok());
  EXPECT_EQ(client.api_key, "sk-1");
  for (const char* secret : {"sk-1\r\nx-evil: 1", "two words", "schl\xC3\xBCssel"}) {
    const Status status = ReadApiKey(secret, client);
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << secret;
    EXPECT_EQ(status.message().find("evil"), std::string_view::npos);
  }
  EXPECT_TRUE(ReadApiKey("\n", client).ok());
  EXPECT_EQ(client.api_key, "");
}

}  // namespace
}  // namespace tutti::anthropic
