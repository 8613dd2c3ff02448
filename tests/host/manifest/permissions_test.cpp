#include "host/manifest/permissions.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(Permissions, BecomeGrants) {
  const PluginGrants grants = GrantsOf({"store", "net", "path"});
  EXPECT_EQ(grants.services, std::set<std::string>{"store"});
  EXPECT_TRUE(grants.net);
  EXPECT_FALSE(grants.exec);
  EXPECT_TRUE(grants.read_paths.empty() && grants.write_paths.empty());
}

TEST(Permissions, AreMissingUntilGranted) {
  PluginGrants grants;
  const std::vector<std::string> all = PermissionNames();
  EXPECT_EQ(Missing(all, grants), all);
  for (const std::string& service : GrantableServices()) {
    grants.services.insert(service);
  }
  EXPECT_EQ(Missing(all, grants), (std::vector<std::string>{"net", "path", "exec"}));
  grants.net = true;
  grants.write_paths = {"/data"};
  EXPECT_EQ(Missing(all, grants), std::vector<std::string>{"exec"});
  grants.exec = true;
  EXPECT_TRUE(Missing(all, grants).empty());
}

TEST(Permissions, AreWrittenAsGrants) {
  EXPECT_EQ(GrantsText({"store", "net", "events", "path", "exec"}),
            "services: [store, events], net: true, path: {read: [DIR], write: [DIR]}, exec: true");
  EXPECT_EQ(GrantsText({"exec"}), "exec: true");
}

}  // namespace
}  // namespace tutti::host
