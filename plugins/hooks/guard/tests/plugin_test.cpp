#include <gtest/gtest.h>

#include "tests/support/manifest_defaults.h"
#include "tests/support/plugin_library.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::guard {
namespace {

using tutti::testing::CallContext;
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

  static void Observe(LoadedPlugin& plugin, std::string_view run, std::string_view payload) {
    tutti_event event{};
    event.size = sizeof event;
    event.type = Str("model.after");
    event.run = Str(run);
    event.data = Str(payload);
    EXPECT_TRUE(plugin.OnEvents({event}));
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

TEST_F(GuardPluginTest, ARunEndsAtItsCeiling) {
  LoadedPlugin plugin = Load({{"cost_ceiling_usd", "1"}});
  CallContext run;
  run.run = "r1";
  Observe(plugin, "r1", R"({"model":"m","cost_usd":0.75})");
  EXPECT_EQ(Denial(plugin.OnPoint("model.before", R"({"model":"m"})", TUTTI_HOOK_GATE, run)), "");
  Observe(plugin, "r1", R"({"model":"m","cost_usd":0.75})");
  EXPECT_NE(Denial(plugin.OnPoint("model.before", R"({"model":"m"})", TUTTI_HOOK_GATE, run)).find("1.50 USD"),
            std::string::npos);
  run.run = "r2";
  EXPECT_EQ(Denial(plugin.OnPoint("model.before", R"({"model":"m"})", TUTTI_HOOK_GATE, run)), "");
}

TEST_F(GuardPluginTest, UnknownCostsCountAsConfiguredAndWarnOnce) {
  LoadedPlugin plugin = Load({{"cost_ceiling_usd", "1"}, {"unknown_cost_usd", "0.5"}});
  CallContext run;
  run.run = "r1";
  Observe(plugin, "r1", R"({"model":"m","cost_usd":null})");
  Observe(plugin, "r1", R"({"model":"m","cost_usd":null})");
  EXPECT_NE(Denial(plugin.OnPoint("model.before", "{}", TUTTI_HOOK_GATE, run)), "");
  int warnings = 0;
  for (const auto& line : host.records().logs()) {
    warnings += line.level == TUTTI_LOG_WARNING ? 1 : 0;
  }
  EXPECT_EQ(warnings, 1);
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
