// The plugin as a whole, in a host in memory that manages nothing.
#include <gtest/gtest.h>

#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::plugins {
namespace {

using testing::FakeHost;
using testing::FakeRequest;
using testing::LoadedPlugin;

TEST(PluginsPlugin, EachCommandIsItsOperation) {
  FakeHost host({.grants_admin = true});
  host.OnAdmin([](const FakeRequest& request) { return Result<std::string>(request.body); });
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());

  const struct {
    const char* command;
    const char* args;
    const char* operation;
  } cases[] = {
      {"plugins.list", "{}", R"({"do":"list"})"},
      {"plugins.info", R"({"id":"a.b"})", R"({"do":"info","id":"a.b"})"},
      {"plugins.enable", R"({"id":"a.b"})", R"({"do":"enable","id":"a.b"})"},
      {"plugins.disable", R"({"id":"a.b","drain":"cancel","drain_ms":5})",
       R"({"do":"disable","id":"a.b","drain":"cancel","drain_ms":5})"},
      {"plugins.reload", R"({"drain_ms":0,"id":"\"quoted\""})", R"({"do":"reload","id":"\"quoted\"","drain_ms":0})"},
      {"plugins.apply", R"({"drain":"finish"})", R"({"do":"apply","drain":"finish"})"},
  };

  for (const auto& c : cases) {
    const Result<std::string> result = plugin.Invoke(c.command, c.args);
    ASSERT_TRUE(result.ok()) << c.command << ": " << result.status().ToString();
    EXPECT_EQ(*result, c.operation);
  }
  EXPECT_NE(host.Requests("admin").at(0).parent, 0U);
}

TEST(PluginsPlugin, ARefusalGoesToWhoeverAsked) {
  FakeHost host({.grants_admin = true});
  host.OnAdmin([](const FakeRequest&) { return Result<std::string>(Status::FailedPrecondition("c.d needs it")); });
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());
  const Result<std::string> result = plugin.Invoke("plugins.disable", R"({"id":"a.b"})");
  EXPECT_EQ(result.status().ToString(), "FAILED_PRECONDITION: c.d needs it");
}

TEST(PluginsPlugin, NoCommandIsATool) {
  FakeHost host({.grants_admin = true});
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());
  const Result<Json> definitions = Json::Parse(plugin.Commands());
  ASSERT_TRUE(definitions.ok());
  EXPECT_EQ(definitions->view().size(), 6U);
  definitions->view().ForEach([](JsonView definition) {
    EXPECT_EQ(definition["surfaces"].Dump(), R"(["rest","websocket","slash"])") << definition.Dump();
    EXPECT_EQ(definition["scopes"].Dump(), R"(["plugins:admin"])") << definition.Dump();
  });
}

TEST(PluginsPlugin, WithoutTheGrantItSaysSo) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  const Status status = plugin.Start("{}");
  EXPECT_EQ(status.code(), Code::kPermissionDenied);
  EXPECT_NE(status.message().find("was not granted `admin`"), std::string_view::npos) << status.message();
}

}  // namespace
}  // namespace tutti::plugins
