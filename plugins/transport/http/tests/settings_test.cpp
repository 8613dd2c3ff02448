#include "settings.h"

#include <gtest/gtest.h>

#include "tests/support/manifest_defaults.h"

namespace tutti::transport::http {
namespace {

TEST(Settings, NothingConfiguredGivesTheDefaults) {
  const auto settings = ParseSettings("{}");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->listen, (std::vector<std::string>{"127.0.0.1:9403", "[::1]:9403"}));
  EXPECT_EQ(settings->workers, 4U);
  EXPECT_EQ(settings->max_connections, 10'000U);
}

TEST(Settings, TheManifestsDefaultsAreTheSame) {
  // A default of two types is not something the helper writes.
  const auto settings = ParseSettings(
      tutti::testing::ManifestDefaults(HTTP_MANIFEST, {{"listen", R"(["127.0.0.1:9403", "[::1]:9403"])"}}));
  ASSERT_TRUE(settings.ok()) << settings.status().ToString();
  EXPECT_EQ(*settings, Settings());
}

TEST(Settings, ConfiguredValuesAreRead) {
  const auto settings =
      ParseSettings(R"({"listen":"0.0.0.0:80","workers":2,"idle_timeout_ms":1500,"body_bytes":0,"ws_queue_frames":7})");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->listen, std::vector<std::string>{"0.0.0.0:80"});
  EXPECT_EQ(settings->workers, 2U);
  EXPECT_EQ(settings->idle_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(settings->body_bytes, 0U);
  EXPECT_EQ(settings->ws_queue_frames, 7U);
  EXPECT_EQ(ParseSettings(R"({"listen":["a:1","b:2"]})")->listen, (std::vector<std::string>{"a:1", "b:2"}));
}

TEST(Settings, WrongValuesAreRefusedWithTheKeyAndWhatWasFound) {
  struct Case {
    const char* config;
    const char* part;
  };

  const Case cases[] = {
      {R"({"workers":0})", "from 1 to 256 at workers, found 0"},
      {R"({"workers":"many"})", "at workers, found \"many\""},
      {R"({"idle_timeout_ms":1.5})", "at idle_timeout_ms, found 1.5"},
      {R"({"max_connections":-1})", "at max_connections, found -1"},
      {R"({"listen":7})", "at listen, found 7"},
      {R"({"listen":[]})", "at listen, found []"},
      {R"({"listen":["a:1",2]})", "at listen, found"},
      {R"({"tls":{"certificate":"c.pem"}})", "TLS is not offered yet"},
      {"[]", "expected an object"},
      {"{", "expected JSON"},
  };
  for (const Case& test : cases) {
    const auto settings = ParseSettings(test.config);
    ASSERT_FALSE(settings.ok()) << test.config;
    EXPECT_EQ(settings.status().code(), Code::kInvalidArgument) << test.config;
    EXPECT_NE(settings.status().message().find(test.part), std::string::npos) << settings.status().message();
  }
}

}  // namespace
}  // namespace tutti::transport::http
