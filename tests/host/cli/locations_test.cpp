#include "host/cli/locations.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

TEST(DefaultDataDirectory, FollowsTheEnvironment) {
  EXPECT_EQ(DefaultDataDirectory({{"TUTTI_DATA", "/t"}, {"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}}), "/t");
  EXPECT_EQ(DefaultDataDirectory({{"TUTTI_DATA", ""}, {"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}}), "/x/tutti");
  EXPECT_EQ(DefaultDataDirectory({{"HOME", "/h"}}), "/h/.local/state/tutti");
  EXPECT_TRUE(DefaultDataDirectory({}).ends_with("/.local/state/tutti"));
}

TEST(FindConfig, PrefersWhatWasGivenThenTheInstalledOne) {
  ManifestFiles files;
  const std::string installed = files.Write("etc/tutti/tutti.yaml", "");
  EXPECT_EQ(*FindConfig("given.yaml", files.Path("bin/tutti")), "given.yaml");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(files.Path("etc"));
  const Result<std::string> found = FindConfig("", files.Path("bin/tutti"));
  const Result<std::string> missing = FindConfig("", files.Path("other/bin/tutti"));
  std::filesystem::current_path(files.Path(""));
  files.Write("etc/tutti.yaml", "");
  const Result<std::string> here = FindConfig("", files.Path("bin/tutti"));
  std::filesystem::current_path(before);
  EXPECT_EQ(*found, installed);
  EXPECT_EQ(*here, "etc/tutti.yaml");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().message().find("--config FILE"), std::string::npos);
}

TEST(BuiltInPluginDirectories, AreBesideTheExecutable) {
  ManifestFiles files;
  EXPECT_TRUE(BuiltInPluginDirectories(files.Path("bin/tutti")).empty());
  files.Write("plugins/x", "");
  files.Write("lib/tutti/plugins/x", "");
  EXPECT_EQ(BuiltInPluginDirectories(files.Path("bin/tutti")),
            (std::vector<std::string>{files.Path("plugins"), files.Path("lib/tutti/plugins")}));
}

TEST(ManifestVariables, FlagsWinOverTheEnvironment) {
  CommandLine line;
  line.data = "/d";
  line.cwd = "/w/";
  line.session = "last";
  Variables variables = ManifestVariables(line, {{"TUTTI_DATA", "/e"}, {"TUTTI_SESSION", "s"}, {"X", "y"}});
  EXPECT_EQ(variables["TUTTI_DATA"], "/d");
  EXPECT_EQ(variables["TUTTI_CWD"], "/w");
  EXPECT_EQ(variables["TUTTI_SESSION"], "last");
  EXPECT_EQ(variables["X"], "y");
  variables = ManifestVariables(
      {}, {{"TUTTI_DATA", "/e"}, {"ORCHESTRATOR_WORKING_DIR", "/o"}, {"ORCHESTRATOR_SESSION_ID", "i"}});
  EXPECT_EQ(variables["TUTTI_DATA"], "/e");
  EXPECT_EQ(variables["TUTTI_CWD"], "/o");
  EXPECT_EQ(variables["TUTTI_SESSION"], "i");
  variables = ManifestVariables({}, {{"LOG_LEVEL", "INFO"}, {"LOG_DIR", "/var/log/x/"}});
  EXPECT_EQ(variables["TUTTI_LOG_LEVEL"], "information");
  EXPECT_EQ(variables["TUTTI_LOG_FILE"], "/var/log/x/tutti.log");
  variables = ManifestVariables({}, {{"TUTTI_LOG_LEVEL", "error"}, {"LOG_LEVEL", "DEBUG"}, {"TUTTI_LOG_FILE", "/f"}});
  EXPECT_EQ(variables["TUTTI_LOG_LEVEL"], "error");
  EXPECT_EQ(variables["TUTTI_LOG_FILE"], "/f");
  variables = ManifestVariables({}, {{"HOME", "/h"}});
  EXPECT_EQ(variables["TUTTI_CWD"], std::filesystem::current_path().string());
  EXPECT_EQ(variables["TUTTI_SESSION"], "");
}

}  // namespace
}  // namespace tutti::host
