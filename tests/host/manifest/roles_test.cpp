#include "host/manifest/roles.h"

#include <gtest/gtest.h>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

class RolesTest : public ::testing::Test {
 protected:
  RolesTest() {
    files_.WritePlugin("sqlite", "tutti.storage.sqlite", "storage");
    files_.WritePlugin("postgresql", "tutti.storage.postgresql", "storage",
                       "config: {type: object, required: [url], "
                       "properties: {url: {type: string, minLength: "
                       "1}}}\n");
    files_.WritePlugin("rehearsal", "tutti.models.rehearsal", "model");
    files_.WritePlugin("anthropic", "tutti.models.anthropic", "model");
    files_.WritePlugin("loop", "tutti.runtimes.loop", "runtime");
  }

  LoadedManifest Load(const std::string& roles, Variables variables = {}, const std::string& sqlite = "") {
    files_.Write("tutti.yaml",
                 "version: 1\nroles: {" + roles +
                     "}\nplugins:\n"
                     "- {id: tutti.storage.sqlite, as: sqlite" +
                     sqlite +
                     "}\n"
                     "- {id: tutti.storage.postgresql, as: postgresql, config: {url: \"${DATABASE_URL:-}\"}}\n"
                     "- {id: tutti.models.rehearsal, as: rehearsal}\n"
                     "- {id: tutti.models.anthropic, as: anthropic}\n"
                     "- {id: tutti.runtimes.loop, as: loop}\n");
    return files_.Load(std::move(variables));
  }

  ManifestFiles files_;
};

TEST_F(RolesTest, AutoFollowsTheEnvironment) {
  const LoadedManifest plain = Load("storage: auto, model: auto, runtime: loop");
  EXPECT_EQ(Join(files_.Texts(plain.problems)), "");
  EXPECT_EQ(plain.manifest.roles.storage, "tutti.storage.sqlite");
  EXPECT_EQ(plain.manifest.roles.model, "tutti.models.rehearsal");
  EXPECT_EQ(plain.manifest.roles.runtime, "tutti.runtimes.loop");
  const LoadedManifest set = Load("", {{"DATABASE_URL", "postgresql://x"}, {"ANTHROPIC_API_KEY", "k"}});
  EXPECT_EQ(set.manifest.roles.storage, "tutti.storage.postgresql");
  EXPECT_EQ(set.manifest.roles.model, "tutti.models.anthropic");
  EXPECT_EQ(set.manifest.roles.runtime, "tutti.runtimes.loop");
  const LoadedManifest empty = Load("", {{"DATABASE_URL", ""}, {"ANTHROPIC_API_KEY", ""}});
  EXPECT_EQ(empty.manifest.roles.storage, "tutti.storage.sqlite");
  EXPECT_EQ(empty.manifest.roles.model, "tutti.models.rehearsal");
}

TEST_F(RolesTest, OnlyTheChosenStorageAndModelAreLoaded) {
  const LoadedManifest loaded = Load("storage: tutti.storage.sqlite, model: anthropic");
  EXPECT_EQ(Join(files_.Texts(loaded.problems)), "");
  EXPECT_EQ(IdsOf(loaded.manifest.plugins),
            (std::vector<std::string>{"tutti.storage.sqlite", "tutti.models.anthropic", "tutti.runtimes.loop"}));
  for (const InstalledPlugin& plugin : loaded.manifest.installed) {
    if (plugin.id == "tutti.models.rehearsal" || plugin.id == "tutti.storage.postgresql") {
      EXPECT_EQ(plugin.state, InstalledPlugin::State::kNotChosen) << plugin.id;
    }
  }
}

TEST_F(RolesTest, AutoTakesWhatIsLeftWhenItsChoiceIsDisabled) {
  EXPECT_EQ(Load("", {{"DATABASE_URL", ""}}, ", enabled: false").manifest.roles.storage, "tutti.storage.postgresql");
}

TEST_F(RolesTest, ReportsARoleNobodyHas) {
  EXPECT_EQ(Join(files_.Texts(Load("storage: sqlit").problems)),
            "tutti.yaml:2: roles.storage: expected a listed plugin of kind storage (sqlite, postgresql, auto), found "
            "'sqlit'. Did you mean 'sqlite'?\n");
  EXPECT_EQ(Join(files_.Texts(Load("storage: sqlite", {}, ", enabled: false").problems)),
            "tutti.yaml:2: roles.storage: plugin tutti.storage.sqlite has this role but is disabled; enable it or name "
            "another\n");
  EXPECT_EQ(Join(files_.Texts(Load("modle: auto").problems)),
            "tutti.yaml:2: roles.modle: unknown key 'modle'; expected one of storage, model, runtime. Did you mean "
            "'model'?\n");
}

TEST_F(RolesTest, AsksWhenSeveralRuntimesAreEnabled) {
  files_.WritePlugin("second", "x.second", "runtime");
  files_.Write("tutti.yaml", "version: 1\nplugins: [{id: tutti.runtimes.loop}, {id: x.second}]\n");
  EXPECT_EQ(
      Join(files_.Texts(files_.Load().problems)),
      "tutti.yaml:1: roles.runtime: several plugins of kind runtime are enabled (tutti.runtimes.loop, x.second); name "
      "one under roles.runtime\n");
}

}  // namespace
}  // namespace tutti::host
