#include "host/trust/package.h"

#include <gtest/gtest.h>

#include "tests/host/temporary_folder.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

TEST(PackageFileName, LeadsNowhereElse) {
  for (const char* name : {"plugin.yaml", "libfoo-1.2+b.so", "README.md", "a"}) {
    EXPECT_TRUE(IsPackageFileName(name)) << name;
  }
  for (const char* name : {"", ".", "..", ".hidden", "-rf", "a/b", "/etc/passwd", "../a", "a\\b", "a b", "a\nb"}) {
    EXPECT_FALSE(IsPackageFileName(name)) << name;
  }
  EXPECT_FALSE(IsPackageFileName(std::string(129, 'a')));
}

TEST(PackageFolder, TakesWhatBelongsToAPlugin) {
  const TemporaryFolder folder;
  folder.Write("plugin.yaml", "id: a.b\n");
  folder.Write("b.so", "code");
  folder.Write("README.md", "read");
  folder.Write("b.cpp", "source");
  const Result<Package> package = ReadPackageFolder(folder.path(), "b.so");
  ASSERT_TRUE(package.ok()) << package.status().message();
  EXPECT_EQ(package->files, (std::map<std::string, std::string>{
                                {"plugin.yaml", "id: a.b\n"}, {"b.so", "code"}, {"README.md", "read"}}));
}

TEST(PackageFolder, RefusesLinksAndWhatIsMissing) {
  const TemporaryFolder folder;
  folder.Write("plugin.yaml", "id: a.b\n");
  EXPECT_EQ(ReadPackageFolder(folder.path(), "b.so").status().code(), Code::kNotFound);
  fs::create_symlink(folder.Write("elsewhere/real.so", "code"), folder.path() / "b.so");
  const Result<Package> linked = ReadPackageFolder(folder.path(), "b.so");
  ASSERT_FALSE(linked.ok());
  EXPECT_NE(linked.status().message().find("symbolic link"), std::string_view::npos);
  EXPECT_EQ(ReadPackageFolder(folder.path(), "elsewhere/real.so").status().code(), Code::kInvalidArgument);
}

TEST(PackageFolder, IsWrittenWithPlainModes) {
  const TemporaryFolder folder;
  const Package package{{{"plugin.yaml", "id: a.b\n"}, {"b.so", std::string("co\0de", 5)}}};
  const fs::path directory = folder.path() / "out";
  ASSERT_TRUE(WritePackageFolder(package, "b.so", directory).ok());
  EXPECT_EQ(ReadPackageFolder(directory, "b.so").value().files, package.files);
  EXPECT_EQ(fs::status(directory / "b.so").permissions(), static_cast<fs::perms>(0755));
  EXPECT_EQ(fs::status(directory / "plugin.yaml").permissions(), static_cast<fs::perms>(0644));
  EXPECT_FALSE(WritePackageFolder(package, "b.so", directory).ok());
}

}  // namespace
}  // namespace tutti::host
