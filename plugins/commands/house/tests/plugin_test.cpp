// The plugin as a whole, in a host in memory that keeps no house.
#include <gtest/gtest.h>

#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::house {
namespace {

using testing::FakeHost;
using testing::FakeRequest;
using testing::LoadedPlugin;

TEST(HousePlugin, EachCommandIsItsRequest) {
  FakeHost host({.grants_house = true});
  host.OnHouse([](const FakeRequest& request) { return Result<std::string>(request.body); });
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());
  EXPECT_EQ(*plugin.Invoke("agents.erase", R"({"id":"a"})"), R"({"do":"erase","agent":"a"})");
  EXPECT_EQ(*plugin.Invoke("storage.check", "{}"), R"({"do":"check"})");
  EXPECT_NE(host.Requests("house").at(0).parent, 0U);
}

TEST(HousePlugin, AnExportIsAnsweredAsItsLines) {
  FakeHost host({.grants_house = true});
  host.OnHouse([](const FakeRequest& request) {
    EXPECT_EQ(request.body, R"({"do":"export","agent":"a"})");
    return Result<std::string>(R"({"agent":"a","rows":1,"lines":"{\"x\":1}\n"})");
  });
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());
  EXPECT_EQ(*plugin.Invoke("agents.export", R"({"id":"a"})"),
            R"({"content_type":"application/x-ndjson","body":"{\"x\":1}\n","cache_control":"no-store"})");
}

TEST(HousePlugin, ARefusalGoesToWhoeverAsked) {
  FakeHost host({.grants_house = true});
  host.OnHouse([](const FakeRequest&) { return Result<std::string>(Status::FailedPrecondition("it is at work")); });
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());
  for (const char* command : {"agents.erase", "agents.export"}) {
    EXPECT_EQ(plugin.Invoke(command, R"({"id":"a"})").status().ToString(), "FAILED_PRECONDITION: it is at work");
  }
}

TEST(HousePlugin, EveryCommandNeedsTheScopeAndNoneIsATool) {
  FakeHost host({.grants_house = true});
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());
  const Result<Json> definitions = Json::Parse(plugin.Commands());
  ASSERT_TRUE(definitions.ok());
  EXPECT_EQ(definitions->view().size(), 3U);
  definitions->view().ForEach([](JsonView definition) {
    EXPECT_EQ(definition["surfaces"].Dump(), R"(["rest"])") << definition.Dump();
    EXPECT_EQ(definition["scopes"].Dump(), R"(["admin"])") << definition.Dump();
  });
}

TEST(HousePlugin, WithoutTheGrantItSaysSo) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  const Status status = plugin.Start("{}");
  EXPECT_EQ(status.code(), Code::kPermissionDenied);
  EXPECT_NE(status.message().find("was not granted `house`"), std::string_view::npos) << status.message();
}

}  // namespace
}  // namespace tutti::house
