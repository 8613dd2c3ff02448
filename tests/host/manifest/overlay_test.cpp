#include "host/manifest/overlay.h"

#include <sys/stat.h>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

constexpr const char* kManifest =
    "version: 1\nhost: {data_dir: \"${TUTTI_DATA}\"}\nplugins:\n- id: org.example.a\n- {id: org.example.b, enabled: "
    "false}\n";

class OverlayTest : public testing::Test {
 protected:
  OverlayTest() {
    for (const char* name : {"a", "b", "c"}) {
      files_.WritePlugin(name, std::string("org.example.") + name, "command");
    }
    files_.Write("tutti.yaml", kManifest);
  }

  LoadedManifest Load() { return files_.Load({{"TUTTI_DATA", files_.Path("data")}}); }

  ManifestFiles files_;
};

TEST_F(OverlayTest, AFileThatIsNotThereSaysNothing) {
  const LoadedManifest loaded = Load();
  EXPECT_EQ(Join(files_.Texts(loaded.problems)), "");
  EXPECT_EQ(IdsOf(loaded.manifest.plugins), std::vector<std::string>{"org.example.a"});
  EXPECT_EQ(loaded.manifest.overlay, files_.Path("data/plugins.yaml"));
}

TEST_F(OverlayTest, WhatIsWrittenIsLaidOverTheManifestAndPrivate) {
  files_.Write("data/keep", "");
  Overlay overlay;
  overlay.SetEnabled("org.example.a", true);
  overlay.SetEnabled("org.example.a", false);
  overlay.SetEnabled("org.example.b", true);
  overlay.SetEnabled("org.example.c", true);
  overlay.SetEnabled("org.example.gone", false);
  const std::string path = files_.Path("data/plugins.yaml");
  ASSERT_TRUE(overlay.Write(path).ok());

  struct stat info {};

  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);

  const LoadedManifest loaded = Load();
  EXPECT_EQ(Join(files_.Texts(loaded.problems)), "");
  EXPECT_EQ(IdsOf(loaded.manifest.plugins), (std::vector<std::string>{"org.example.b", "org.example.c"}));
  EXPECT_EQ(loaded.manifest.installed.at(0).state, InstalledPlugin::State::kDisabled);

  const Result<Overlay> read = Overlay::Read(path);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->plugins().size(), 4U);
  EXPECT_EQ(read->enabled("org.example.a"), false);
  EXPECT_EQ(read->enabled("org.example.c"), true);
  EXPECT_EQ(read->enabled("org.example.d"), std::nullopt);
}

TEST_F(OverlayTest, AnEmptyOneIsReadAgain) {
  files_.Write("data/keep", "");
  Overlay overlay;
  overlay.SetEnabled("org.example.a", false);
  overlay.Remove("org.example.a");
  ASSERT_TRUE(overlay.Write(files_.Path("data/plugins.yaml")).ok());
  EXPECT_EQ(Join(files_.Texts(Load().problems)), "");
}

TEST_F(OverlayTest, ABrokenOneIsAProblemThatSaysWhatToDo) {
  files_.Write("data/plugins.yaml", "version: 1\nplugins:\n- {id: org.example.a, enabled: maybe}\n");
  const LoadedManifest loaded = Load();
  EXPECT_EQ(Join(files_.Texts(loaded.problems)),
            "data/plugins.yaml:3: plugins[0].enabled: expected true or false, found 'maybe'; this file is written by "
            "tutti: put it right, or remove it to go back to the manifest alone\n");
  EXPECT_EQ(Overlay::Read(files_.Path("data/plugins.yaml")).status().code(), Code::kFailedPrecondition);
}

TEST_F(OverlayTest, AnEnabledPluginThatIsNotInstalledIsNamedWithItsPlace) {
  files_.Write("data/plugins.yaml", "version: 1\nplugins:\n- {id: org.example.d, enabled: true}\n");
  const std::vector<std::string> texts = files_.Texts(Load().problems);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_TRUE(texts[0].starts_with("data/plugins.yaml:3: plugins[2].id: no plugin org.example.d is installed"))
      << texts[0];
}

TEST_F(OverlayTest, AWriteThatFailsLeavesTheOldFile) {
  const Status status = Overlay().Write(files_.Path("nowhere/plugins.yaml"));
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_NE(status.message().find("nowhere/plugins.yaml cannot be written: No such file"), std::string::npos);
}

}  // namespace
}  // namespace tutti::host
