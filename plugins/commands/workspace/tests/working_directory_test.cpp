#include "working_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temporary_directory.h"

namespace tutti::workspace {
namespace {

struct WorkingDirectoryTest : testing::Test {
  TemporaryDirectory outside;
  TemporaryDirectory inside;
  Result<WorkingDirectory> opened = WorkingDirectory::Open(inside.path());
  const WorkingDirectory& directory = opened.value();
};

TEST_F(WorkingDirectoryTest, EveryWayOutIsRefused) {
  outside.Put("secret", "secret");
  std::filesystem::create_symlink(outside.path(), inside / "link");
  std::filesystem::create_symlink(outside / "secret", inside / "file_link");
  std::filesystem::create_symlink("../../../../../etc", inside / "relative_link");
  std::filesystem::create_symlink("/proc/self/root", inside / "magic");
  std::filesystem::create_symlink("magic", inside / "link_to_magic");
  for (const char* path : {"..", "../x", "a/../../x", "link/secret", "file_link", "relative_link/passwd",
                           "magic/etc/passwd", "link_to_magic/etc/passwd", "./link/../secret"}) {
    const auto relative = directory.Relative(path);
    ASSERT_TRUE(relative.ok()) << path;
    const auto file = directory.OpenExisting(*relative, O_RDONLY);
    EXPECT_FALSE(file.ok()) << path;
    EXPECT_TRUE(file.status().code() == Code::kPermissionDenied || file.status().code() == Code::kNotFound)
        << path << ": " << file.status().ToString();
    EXPECT_FALSE(directory.OpenOrMakeDirectory(*relative + "/new").ok()) << path;
  }
  EXPECT_FALSE(std::filesystem::exists(outside / "new"));
}

TEST_F(WorkingDirectoryTest, ProcessMagicLinksAreRefused) {
  const auto proc = WorkingDirectory::Open("/proc");
  ASSERT_TRUE(proc.ok());
  EXPECT_FALSE(proc->OpenExisting("self/root/etc/passwd", O_RDONLY).ok());
  EXPECT_FALSE(proc->OpenExisting("self/cwd", O_RDONLY).ok());
}

TEST_F(WorkingDirectoryTest, AbsolutePathsBeneathBecomeRelative) {
  EXPECT_EQ(directory.Relative(inside.path() + "/a/b").value(), "a/b");
  EXPECT_EQ(directory.Relative(inside.path()).value(), ".");
  EXPECT_EQ(directory.Relative(inside.path() + "//a").value(), "a");
}

TEST_F(WorkingDirectoryTest, AbsolutePathsElsewhereAreRefusedWithTheDirectoryInTheSentence) {
  for (const std::string& path : {std::string("/etc/passwd"), inside.path() + "x/file", std::string("/")}) {
    const auto relative = directory.Relative(path);
    ASSERT_FALSE(relative.ok()) << path;
    EXPECT_EQ(relative.status().code(), Code::kPermissionDenied);
    EXPECT_NE(relative.status().message().find(inside.path()), std::string::npos);
  }
}

TEST_F(WorkingDirectoryTest, AnAbsolutePathWithDotsInTheMiddleCannotEscape) {
  outside.Put("secret", "x");
  const auto relative = directory.Relative(inside.path() + "/../" + (outside / "secret").filename().string());
  ASSERT_TRUE(relative.ok());
  EXPECT_EQ(directory.OpenExisting(*relative, O_RDONLY).status().code(), Code::kPermissionDenied);
}

TEST_F(WorkingDirectoryTest, PathsTheKernelCannotTakeAreRefused) {
  EXPECT_FALSE(directory.Relative("").ok());
  EXPECT_FALSE(directory.Relative(std::string_view("a\0b", 3)).ok());
  EXPECT_FALSE(directory.Relative(std::string(5000, 'a')).ok());
}

TEST_F(WorkingDirectoryTest, LinksThatStayInsideAreFollowed) {
  inside.Put("deep/real", "text");
  std::filesystem::create_symlink("deep/real", inside / "link");
  EXPECT_TRUE(directory.OpenRegularFile("link").ok());
  EXPECT_TRUE(directory.OpenRegularFile("deep/../deep/real").ok());
}

TEST_F(WorkingDirectoryTest, PipesAndDirectoriesAreRefusedWithoutBlocking) {
  ASSERT_EQ(::mkfifo((inside / "pipe").c_str(), 0600), 0);
  const auto pipe = directory.OpenRegularFile("pipe");
  ASSERT_FALSE(pipe.ok());
  EXPECT_NE(pipe.status().message().find("named pipe"), std::string::npos);
  EXPECT_NE(directory.OpenRegularFile(".").status().message().find("a directory"), std::string::npos);
}

TEST_F(WorkingDirectoryTest, MissingDirectoriesAreMade) {
  ASSERT_TRUE(directory.OpenOrMakeDirectory("a/b//./c").ok());
  EXPECT_TRUE(std::filesystem::is_directory(inside / "a/b/c"));
  ASSERT_TRUE(directory.OpenOrMakeDirectory("a/b/c").ok());
}

TEST_F(WorkingDirectoryTest, AFileOnTheWayIsExplained) {
  inside.Put("file", "");
  const auto made = directory.OpenOrMakeDirectory("file/sub");
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.status().message().find("found a file among them"), std::string::npos);
}

TEST_F(WorkingDirectoryTest, AMissingDirectoryIsRefusedAtOpen) {
  const auto missing = WorkingDirectory::Open((inside / "none").string());
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().message().find("working_dir"), std::string::npos);
}

}  // namespace
}  // namespace tutti::workspace
