#include "host/house/whole_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/host/temporary_folder.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

std::size_t FilesIn(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class WholeFileTest : public ::testing::Test {
 protected:
  WholeFileTest() { fs::create_directory(folder_); }

  TemporaryFolder temporary_;
  const fs::path folder_ = fs::path(temporary_.path()) / "files";
};

TEST_F(WholeFileTest, AppearsWhenItIsFinishedForItsOwnerAlone) {
  WholeFile file;
  ASSERT_TRUE(file.Begin(folder_ / "a").ok());
  EXPECT_FALSE(fs::exists(folder_ / "a"));
  std::ofstream(file.writing()) << "text";
  ASSERT_TRUE(file.Finish().ok());
  EXPECT_EQ(fs::file_size(folder_ / "a"), 4U);
  EXPECT_EQ(FilesIn(folder_), 1U);

  struct stat found {};

  ASSERT_EQ(::stat((folder_ / "a").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(WholeFileTest, LeavesNothingWhenItIsNotFinished) {
  {
    WholeFile file;
    ASSERT_TRUE(file.Begin(folder_ / "a").ok());
    std::ofstream(file.writing()) << "text";
  }
  EXPECT_EQ(FilesIn(folder_), 0U);
}

TEST_F(WholeFileTest, ReplacesNothing) {
  std::ofstream(folder_ / "a") << "first";
  WholeFile late;
  EXPECT_EQ(late.Begin(folder_ / "a").code(), Code::kAlreadyExists);
  {
    WholeFile file;
    ASSERT_TRUE(file.Begin(folder_ / "b").ok());
    std::ofstream(folder_ / "b") << "somebody else's";
    EXPECT_EQ(file.Finish().code(), Code::kAlreadyExists);
  }
  EXPECT_EQ(fs::file_size(folder_ / "b"), 15U);
  EXPECT_EQ(FilesIn(folder_), 2U);
}

TEST_F(WholeFileTest, NamesAPlaceThatCannotBeWritten) {
  WholeFile file;
  const Status status = file.Begin(folder_ / "none" / "a");
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find((folder_ / "none" / "a").string()), std::string_view::npos) << status.message();
}

}  // namespace
}  // namespace tutti::host
