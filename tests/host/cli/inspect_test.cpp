#include "host/cli/inspect.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

class InspectTest : public ::testing::Test {
 protected:
  InspectTest() {
    files_.WritePlugin("a", "t.a", "hook, command");
    files_.WritePlugin("longer", "t.longer", "hook");
    files_.WritePlugin("c", "t.c", "hook");
  }

  [[nodiscard]] LoadOptions Options() const { return {files_.Path("tutti.yaml"), {}, {files_.Path("plugins")}}; }

  ManifestFiles files_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(InspectTest, CheckSaysOkAndHowMany) {
  files_.Write("tutti.yaml", "version: 1\nplugins: [{id: t.a}, {id: t.longer, enabled: false}]\n");
  EXPECT_EQ(CheckManifest(Options(), out_, err_), 0);
  EXPECT_EQ(out_.str(), "ok: 1 plugins\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(InspectTest, CheckPrintsEveryProblemAndFails) {
  const std::string file =
      files_.Write("tutti.yaml", "version: 1\nplugins:\n- id: t.loger\n- id: t.a\n  enabeld: true\n");
  EXPECT_EQ(CheckManifest(Options(), out_, err_), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(),
            file +
                ":3: plugins[0].id: no plugin t.loger is installed; installed are t.a, t.c, t.longer. Did you mean "
                "'t.longer'?\n" +
                file +
                ":5: plugins[1].enabeld: unknown key 'enabeld'; expected one of id, as, enabled, required, isolation, "
                "min_confinement, priority, order, limits, on_fault, config, grants. Did you mean 'enabled'?\n");
}

TEST_F(InspectTest, PluginsPrintsATable) {
  files_.Write("tutti.yaml", "version: 1\nplugins: [{id: t.a}, {id: t.longer, enabled: false}]\n");
  EXPECT_EQ(ListInstalledPlugins(Options(), out_, err_), 0);
  EXPECT_EQ(out_.str(),
            "ID        VERSION  KINDS         STATE       SUMMARY\n"
            "t.a       1.0.0    hook,command  enabled     For tests.\n"
            "t.c       1.0.0    hook          not listed  For tests.\n"
            "t.longer  1.0.0    hook          disabled    For tests.\n");
}

TEST_F(InspectTest, PluginsStillListsWhenTheManifestHasProblems) {
  files_.Write("tutti.yaml", "version: 2\nplugins: [{id: t.a}]\n");
  EXPECT_EQ(ListInstalledPlugins(Options(), out_, err_), 2);
  EXPECT_NE(out_.str().find("t.a       1.0.0    hook,command  enabled"), std::string::npos) << out_.str();
  EXPECT_NE(err_.str().find("version: expected 1, found '2'"), std::string::npos) << err_.str();
}

}  // namespace
}  // namespace tutti::host
