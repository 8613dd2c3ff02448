#include <gtest/gtest.h>

#include "tests/host/dispatch/test_core.h"
#include "tutti/abi/config.h"
#include "tutti/abi/executor.h"
#include "tutti/abi/metrics.h"
#include "tutti/abi/slash.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

class FindServiceTest : public TestCore {
 protected:
  // What a plugin with these grants is given under this id.
  const void* Ask(const std::set<std::string>& services, const char* id) {
    PluginSpec spec = SpecOf("probe", {"command"});
    spec.grants.services = services;
    const PluginInstance plugin(spec, &core_, &FindService);
    return FindService(plugin.host(), id);
  }
};

TEST_F(FindServiceTest, SomeEverybodyHas) {
  for (const char* id :
       {TUTTI_SERVICE_LOG, TUTTI_SERVICE_CALLS, TUTTI_SERVICE_EXECUTOR, TUTTI_SERVICE_CONFIG, TUTTI_SERVICE_METRICS}) {
    EXPECT_NE(Ask({}, id), nullptr) << id;
  }
}

TEST_F(FindServiceTest, OthersOnlyThoseWhoWereGrantedThem) {
  const std::pair<const char*, const char*> services[] = {
      {"commands", TUTTI_SERVICE_COMMANDS}, {"events", TUTTI_SERVICE_EVENTS},       {"store", TUTTI_SERVICE_STORE},
      {"models", TUTTI_SERVICE_MODELS},     {"runtimes", TUTTI_SERVICE_RUNTIMES},   {"hooks", TUTTI_SERVICE_HOOKS},
      {"gateway", TUTTI_SERVICE_GATEWAY},   {"templates", TUTTI_SERVICE_TEMPLATES}, {"commands", TUTTI_SERVICE_SLASH}};
  for (const auto& [permission, id] : services) {
    std::set<std::string> others = {"commands", "events",  "store",     "models", "runtimes",
                                    "hooks",    "gateway", "templates", "secrets"};
    others.erase(permission);
    EXPECT_EQ(Ask(others, id), nullptr) << id;
    EXPECT_NE(Ask({permission}, id), nullptr) << id;
  }
}

TEST_F(FindServiceTest, WhatTheHostDoesNotHaveIsNotThere) {
  EXPECT_EQ(Ask({"store"}, "tutti.host.store/99"), nullptr);
  EXPECT_EQ(Ask({"store"}, ""), nullptr);
}

TEST_F(FindServiceTest, SecretsNeedTheirPermissionBesidesBeingConfigured) {
  ASSERT_EQ(setenv("TUTTI_TEST_SECRET", "hush", 1), 0);
  const auto read = [&](const std::set<std::string>& services, const std::string& config) {
    PluginSpec spec = SpecOf("probe", {"command"});
    spec.grants.services = services;
    spec.config = config;
    const PluginInstance plugin(spec, &core_, &FindService);
    const auto* table = static_cast<const tutti_host_config*>(FindService(plugin.host(), TUTTI_SERVICE_CONFIG));
    std::string value;
    const tutti_sink sink{sizeof sink, &value,
                          [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
    const tutti_code code = table->secret(plugin.host(), Str("secret://TUTTI_TEST_SECRET"), &sink);
    return std::pair(code, value);
  };
  const std::string config = R"({"key":"secret://TUTTI_TEST_SECRET"})";
  EXPECT_EQ(read({"secrets"}, config), std::pair(tutti_code{TUTTI_OK}, std::string("hush")));
  EXPECT_EQ(read({"store"}, config), std::pair(tutti_code{TUTTI_PERMISSION_DENIED}, std::string()));
  EXPECT_EQ(read({"secrets"}, "{}"), std::pair(tutti_code{TUTTI_PERMISSION_DENIED}, std::string()));
}

}  // namespace
}  // namespace tutti::host
