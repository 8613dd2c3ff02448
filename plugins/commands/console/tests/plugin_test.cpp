// The plugin as a whole, in a host in memory.
#include <gtest/gtest.h>

#include "tutti/sdk/testing/fake_host.hpp"
#include "tutti/sdk/testing/loaded_plugin.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::console {
namespace {

TEST(ConsolePlugin, ServesThePageAndItsFiles) {
  testing::FakeHost host;
  testing::LoadedPlugin plugin(host, tutti_plugin_entry.create);
  ASSERT_TRUE(plugin.Start("{}").ok());
  const Result<std::string> page = plugin.Invoke("console.page", "{}");
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_EQ((*Json::Parse(*page))["content_type"].AsString(), "text/html; charset=utf-8");
  EXPECT_TRUE(plugin.Invoke("console.file", R"({"file":"style.css"})").ok());
  EXPECT_EQ(plugin.Invoke("console.file", R"({"file":"none.js"})").status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace tutti::console
