#include <gtest/gtest.h>

#include "tests/support/manifest_defaults.h"
#include "tests/support/plugin_library.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::guard {
namespace {

using tutti::testing::FakeHost;
using tutti::testing::LoadedPlugin;

class GuardPluginTest : public ::testing::Test {
 protected:
  LoadedPlugin Load(const std::map<std::string, std::string>& changes = {}) {
    LoadedPlugin plugin(host, tutti::testing::OpenPlugin(GUARD_LIBRARY).create);
    const Status started = plugin.Start(tutti::testing::ManifestDefaults(GUARD_MANIFEST, changes));
    EXPECT_TRUE(started.ok()) << started.ToString();
    return plugin;
  }

  static std::string Denial(const Result<std::string>& reply) {
    EXPECT_TRUE(reply.ok()) << reply.status().ToString();
    return reply.ok() && !reply->empty() ? std::string((*Json::Parse(*reply))["deny"].AsString()) : "";
  }

  FakeHost host;
};

TEST_F(GuardPluginTest, DeniesByTheShippedRulesWithAReason) {
  LoadedPlugin plugin = Load();
  const auto call = [&](std::string_view command) {
    return Denial(plugin.OnPoint(
        "PreToolUse",
        JsonObject()("tool_name", "Bash").Raw("tool_input", JsonObject()("command", command).Take()).Take()));
  };
  EXPECT_NE(call("sudo ls").find("rights"), std::string::npos);
  EXPECT_EQ(call("ls"), "");
}

TEST_F(GuardPluginTest, APayloadThatCannotBeReadFailsSoThatTheHostDenies) {
  LoadedPlugin plugin = Load();
  EXPECT_EQ(plugin.OnPoint("PreToolUse", "{").status().code(), Code::kInvalidArgument);
}

TEST_F(GuardPluginTest, AWrongRuleIsRefusedAtInit) {
  LoadedPlugin plugin(host, tutti::testing::OpenPlugin(GUARD_LIBRARY).create);
  const Status status = plugin.Init(tutti::testing::ManifestDefaults(
      GUARD_MANIFEST, {{"rules", R"json([{"action":"deny","argument":"command","pattern":"(?=x)"}])json"}}));
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("rule 1"), std::string::npos);
}

}  // namespace
}  // namespace tutti::guard
