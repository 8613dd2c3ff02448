#include "allowed_path.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tutti::open_file {
namespace {

namespace fs = std::filesystem;

class AllowedPathTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "allowed-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = fs::canonical(name);
    for (const char* directory : {"work/src", "agent", "workshop"}) {
      fs::create_directories(root_ / directory);
    }
    for (const char* file : {"work/src/a.txt", "work/-dash", "agent/b.txt", "workshop/c.txt"}) {
      std::ofstream(root_ / file) << "text";
    }
    directories_ = {(root_ / "work").string(), (root_ / "agent").string()};
  }

  void TearDown() override { fs::remove_all(root_); }

  [[nodiscard]] Code Refusal(const std::string& path) const { return AllowedPath(path, directories_).status().code(); }

  fs::path root_;
  std::vector<std::string> directories_;
};

TEST_F(AllowedPathTest, FilesAndDirectoriesBeneathAreAllowed) {
  EXPECT_EQ(*AllowedPath((root_ / "work/src/a.txt").string(), directories_), (root_ / "work/src/a.txt").string());
  EXPECT_EQ(*AllowedPath("src/../src/a.txt", directories_), (root_ / "work/src/a.txt").string());
  EXPECT_EQ(*AllowedPath("../agent/b.txt", directories_), (root_ / "agent/b.txt").string());
  EXPECT_TRUE(AllowedPath("src", directories_).ok());
}

TEST_F(AllowedPathTest, WhatLiesElsewhereIsRefusedWhetherItExistsOrNot) {
  for (const char* path : {"/etc/passwd", "/no/such/file", "../workshop/c.txt", "../../../../etc/passwd", ".."}) {
    EXPECT_EQ(Refusal(path), Code::kPermissionDenied) << path;
  }
}

TEST_F(AllowedPathTest, LinkThatLeadsOutIsRefused) {
  fs::create_directory_symlink(root_ / "workshop", root_ / "work/link");
  EXPECT_EQ(Refusal("link/c.txt"), Code::kPermissionDenied);
  EXPECT_EQ(Refusal("link/missing.txt"), Code::kPermissionDenied);
}

TEST_F(AllowedPathTest, LoopOfLinksIsRefused) {
  fs::create_symlink("loop", root_ / "work/loop");
  EXPECT_NE(Refusal("loop"), Code::kOk);
}

TEST_F(AllowedPathTest, MissingFileIsNamed) {
  const Status status = AllowedPath("src/none.txt", directories_).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_NE(status.message().find("src/none.txt"), std::string_view::npos);
}

TEST_F(AllowedPathTest, DashNulAndNothingAreRefused) {
  EXPECT_EQ(Refusal("-dash"), Code::kInvalidArgument);
  EXPECT_EQ(Refusal(""), Code::kInvalidArgument);
  EXPECT_EQ(Refusal(std::string("src/a.txt\0.png", 14)), Code::kInvalidArgument);
  EXPECT_TRUE(AllowedPath("./-dash", directories_).ok());
}

}  // namespace
}  // namespace tutti::open_file
