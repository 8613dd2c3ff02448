#include "host/sandbox/confinement_text.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(ConfinementText, SaysWhatEachLevelIs) {
  PluginGrants with_net;
  with_net.net = true;
  EXPECT_EQ(
      DescribeConfinement(Confinement::kFull, {}),
      "own user, mount, IPC, UTS and network namespaces; system calls filtered; own process with resource limits, "
      "no new privileges");
  EXPECT_EQ(DescribeConfinement(Confinement::kFull, with_net),
            "own user, mount, IPC and UTS namespaces; system calls filtered; own process with resource limits, no new "
            "privileges");
  EXPECT_EQ(DescribeConfinement(Confinement::kFiltered, {}),
            "system calls filtered; own process with resource limits, no new privileges");
  EXPECT_EQ(DescribeConfinement(Confinement::kProcess, {}), "own process with resource limits, no new privileges");
}

}  // namespace
}  // namespace tutti::host
