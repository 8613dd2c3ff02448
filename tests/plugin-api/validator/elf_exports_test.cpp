#include "elf_exports.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace tutti::validator {
namespace {

class ElfExports : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / "elf-exports-test-XXXXXX";
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
  }

  void TearDown() override { std::filesystem::remove_all(directory_); }

  Result<std::vector<std::string>> ExportsOf(const std::string& bytes) {
    const std::string path = directory_ + "/file.so";
    std::ofstream(path, std::ios::binary) << bytes;
    return ReadExports(path);
  }

  static std::string GoodLibrary() {
    std::ifstream file(SPECIMENS "/good/specimen.so", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string directory_;
};

TEST_F(ElfExports, LibraryWithAVersionScriptExportsItsEntry) {
  const auto names = ReadExports(SPECIMENS "/good/specimen.so");
  ASSERT_TRUE(names.ok()) << names.status().ToString();
  EXPECT_EQ(*names, (std::vector<std::string>{"tutti_plugin_entry"}));
}

TEST_F(ElfExports, WhatIsNoLibraryIsRefused) {
  EXPECT_FALSE(ExportsOf("").ok());
  EXPECT_FALSE(ExportsOf("#!/bin/sh\n").ok());
  EXPECT_FALSE(ReadExports(directory_ + "/none.so").ok());
}

TEST_F(ElfExports, CutAndDamagedFilesAreReadWithoutHarm) {
  const std::string good = GoodLibrary();
  ASSERT_GT(good.size(), 4096U);
  for (std::size_t length = 16; length < good.size(); length += good.size() / 50) {
    (void)ExportsOf(good.substr(0, length));
  }
  for (std::size_t offset = 16; offset < 64; ++offset) {
    std::string damaged = good;
    damaged[offset] = '\xff';
    (void)ExportsOf(damaged);
  }
  EXPECT_TRUE(ExportsOf(good).ok());
}

}  // namespace
}  // namespace tutti::validator
