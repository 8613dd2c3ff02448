#include "host/cli/env_file.h"

#include <gtest/gtest.h>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

TEST(EnvFile, ValuesArePlainOrInQuotes) {
  const Result<Variables> read = ParseEnvFile(
      "# a comment\n"
      "\n"
      "PLAIN=some text # a comment\n"
      "  export SPACED = x \r\n"
      "HASH=a#b\n"
      "EMPTY=\n"
      "SINGLE='$HOME \\n # kept'\n"
      "DOUBLE=\"a\\n\\\"b\\\" \\\\ \\$c \\d\"  # a comment\n"
      "URL=postgresql://me:p@ss=1@host/db\n"
      "PLAIN=last wins",
      ".env");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, (Variables{{"PLAIN", "last wins"},
                              {"SPACED", "x"},
                              {"HASH", "a#b"},
                              {"EMPTY", ""},
                              {"SINGLE", "$HOME \\n # kept"},
                              {"DOUBLE", "a\n\"b\" \\ $c \\d"},
                              {"URL", "postgresql://me:p@ss=1@host/db"}}));
}

TEST(EnvFile, MistakeIsNamedByItsLineAndNotByItsText) {
  for (const char* line : {"secret", "=secret", "1A=secret", "A-B=secret", "A='secret", "A=\"secret\" more"}) {
    const Result<Variables> read = ParseEnvFile(std::string("OK=1\n") + line, "dir/.env");
    ASSERT_FALSE(read.ok()) << line;
    EXPECT_TRUE(read.status().message().starts_with("dir/.env:2: expected ")) << read.status().ToString();
    EXPECT_EQ(read.status().message().find("secret"), std::string_view::npos) << read.status().ToString();
  }
}

TEST(EnvFile, OneThatIsNotThereHasNothing) {
  const ManifestFiles files;
  const Result<Variables> read = ReadEnvFile(files.Path(".env"));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->empty());
}

TEST(EnvFile, OneThatIsNoFileIsAnError) {
  ManifestFiles files;
  files.Write(".env/x", "");
  EXPECT_EQ(ReadEnvFile(files.Path(".env")).status().code(), Code::kInvalidArgument);
}

TEST(EnvFile, SettingsWithoutEffectAreRefusedWithWhatToDo) {
  EXPECT_TRUE(RefuseUnusedSettings({{"BACKEND_PORT", "1"}, {"WEBSOCKET_URL", ""}}).ok());
  const Status status = RefuseUnusedSettings({{"DATABASE_MAX_OVERFLOW", "20"}, {"DEFAULT_WORKING_DIR", "/x"}});
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("DATABASE_POOL_SIZE"), std::string_view::npos);
  EXPECT_NE(status.message().find("ORCHESTRATOR_WORKING_DIR"), std::string_view::npos);
}

}  // namespace
}  // namespace tutti::host
