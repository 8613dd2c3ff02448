#include "path_names.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "git_sandbox.h"

namespace tutti::file_tracker {
namespace {

TEST(PathNames, EverySpellingOfAFileIsOneName) {
  const GitSandbox sandbox;
  const std::string file = sandbox.Write("src/a.txt", "x");
  std::filesystem::create_directory_symlink("src", sandbox.At("link"));
  std::filesystem::create_symlink("src/a.txt", sandbox.At("shortcut"));
  const std::string spellings[] = {
      "src/a.txt", "./src/a.txt", "src/../src/./a.txt",     "link/a.txt", "link/../src/a.txt",
      "shortcut",  file,          sandbox.At("link//a.txt")};
  for (const std::string& spelling : spellings) {
    EXPECT_EQ(CanonicalPath(sandbox.root(), spelling), file) << spelling;
  }
}

TEST(PathNames, FileThatIsGoneHasTheNameItHad) {
  const GitSandbox sandbox;
  sandbox.Write("src/a.txt", "x");
  std::filesystem::create_directory_symlink("src", sandbox.At("link"));
  EXPECT_EQ(CanonicalPath(sandbox.root(), "link/gone/../never.txt"), sandbox.At("src/never.txt"));
}

TEST(PathNames, WhatIsNoPathHasNoName) {
  const std::string paths[] = {"", std::string("a\0b", 3), std::string(5000, 'a')};
  for (const std::string& path : paths) {
    EXPECT_EQ(CanonicalPath("/", path), "");
  }
}

TEST(PathNames, LoopOfLinksStillHasAName) {
  const GitSandbox sandbox;
  std::filesystem::create_symlink("b", sandbox.At("a"));
  std::filesystem::create_symlink("a", sandbox.At("b"));
  EXPECT_EQ(CanonicalPath(sandbox.root(), "./a/x"), sandbox.At("a/x"));
}

TEST(PathNames, IsShownFromTheWorkingDirectory) {
  const std::pair<const char*, const char*> cases[] = {
      {"/w/src/a.txt", "src/a.txt"}, {"/w/a.txt", "a.txt"}, {"/other/a.txt", "../other/a.txt"}, {"/wx", "../wx"}};
  for (const auto& [path, shown] : cases) {
    EXPECT_EQ(RelativePath("/w", path), shown);
  }
}

}  // namespace
}  // namespace tutti::file_tracker
