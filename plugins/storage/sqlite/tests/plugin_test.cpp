#include <gtest/gtest.h>

#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::storage::sqlite {
namespace {

using tutti::testing::FakeHost;
using tutti::testing::LoadedPlugin;

constexpr const char* kSchema = R"({"namespace":"a","version":1,"owner":"test.owner","tables":{"t":{"columns":{
  "id":{"type":"int64","primary":true}}}}})";
constexpr const char* kInsert =
    R"({"parts":[{"by":"test.owner","ops":[{"op":"insert","table":"a.t","row":{"id":1}}]}]})";

TEST(SqlitePlugin, StoresThroughTheBoundaryAndReportsHealth) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(R"({"file":":memory:"})").ok());
  ASSERT_TRUE(plugin.EnsureSchema(kSchema).ok());
  const auto stored = plugin.Execute(kInsert);
  ASSERT_TRUE(stored.ok()) << stored.status().ToString();
  EXPECT_EQ(*stored, R"({"results":[[{"affected":1}]]})");
  const auto again = plugin.Execute(kInsert);
  EXPECT_EQ(again.status().code(), Code::kAlreadyExists);
  EXPECT_EQ(again.status().details(), R"({"part":0,"op":0,"table":"a.t","constraint":"a_t_pkey"})");
  EXPECT_TRUE(plugin.Stats().starts_with(R"({"healthy":true,"reason":"","engine":"sqlite","version":"3.)"))
      << plugin.Stats();
}

TEST(SqlitePlugin, AFileThatCannotBeOpenedFailsActivationWithItsName) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  const Status status = plugin.Start(R"({"file":"/nonexistent/directory/x.db"})");
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find("/nonexistent/directory/x.db"), std::string_view::npos) << status.ToString();
}

TEST(SqlitePlugin, GoesOnAfterBeingSwitchedOffAndOn) {
  FakeHost host;
  LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start(R"({"file":":memory:"})").ok());
  plugin.Deactivate();
  ASSERT_TRUE(plugin.Activate().ok());
  ASSERT_TRUE(plugin.EnsureSchema(kSchema).ok());
  EXPECT_TRUE(plugin.Execute(kInsert).ok());
}

}  // namespace
}  // namespace tutti::storage::sqlite
