#include "host/logging/log_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/host/temporary_folder.h"

namespace tutti::host {
namespace {

using Names = std::vector<std::string>;

constexpr std::int64_t kSecond = 1000000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kStart = 1769854530 * kSecond;  // 2026-01-31T10:15:30Z

LogFileOptions Options(const TemporaryFolder& directory) {
  LogFileOptions options;
  options.file = directory.Path("t.log");
  return options;
}

TEST(LogFile, AppendsToWhatIsThere) {
  const TemporaryFolder directory;
  ASSERT_TRUE(LogFile(Options(directory)).Write("one\n", kStart).ok());
  ASSERT_TRUE(LogFile(Options(directory)).Write("two\n", kStart).ok());
  EXPECT_EQ(directory.Read("t.log"), "one\ntwo\n");

  struct stat status {};

  ASSERT_EQ(stat(directory.Path("t.log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0007U, 0U);
}

TEST(LogFile, RotatesBySizeBeforeALineWouldExceedIt) {
  const TemporaryFolder directory;
  LogFileOptions options = Options(directory);
  options.max_bytes = 10;
  LogFile file(options);
  ASSERT_TRUE(file.Write("12345\n", kStart).ok());
  ASSERT_TRUE(file.Write("123\n", kStart).ok());
  EXPECT_EQ(directory.Names(), (Names{"t.log"}));
  ASSERT_TRUE(file.Write("next\n", kStart).ok());
  EXPECT_EQ(directory.Names(), (Names{"t.log", "t.log.20260131T101530Z"}));
  EXPECT_EQ(directory.Read("t.log"), "next\n");
  EXPECT_EQ(directory.Read("t.log.20260131T101530Z"), "12345\n123\n");
}

TEST(LogFile, KeepsEveryFileClosedWithinOneSecond) {
  const TemporaryFolder directory;
  LogFileOptions options = Options(directory);
  options.max_bytes = 1;
  LogFile file(options);
  for (const char* line : {"a\n", "b\n", "c\n", "d\n"}) {
    ASSERT_TRUE(file.Write(line, kStart).ok());
  }
  EXPECT_EQ(directory.Names(), (Names{"t.log", "t.log.20260131T101530Z", "t.log.20260131T101530Z-000001",
                                      "t.log.20260131T101530Z-000002"}));
  EXPECT_EQ(directory.Read("t.log.20260131T101530Z-000002"), "c\n");
}

TEST(LogFile, RotatesByAgeSinceTheFirstLine) {
  const TemporaryFolder directory;
  LogFileOptions options = Options(directory);
  options.rotate_after = std::chrono::hours(2);
  LogFile file(options);
  ASSERT_TRUE(file.Write("a\n", kStart).ok());
  ASSERT_TRUE(file.Write("b\n", kStart + 2 * kHour - 1).ok());
  EXPECT_EQ(directory.Names(), (Names{"t.log"}));
  ASSERT_TRUE(file.Write("c\n", kStart + 2 * kHour).ok());
  EXPECT_EQ(directory.Names(), (Names{"t.log", "t.log.20260131T121530Z"}));
}

TEST(LogFile, RemembersTheAgeAcrossARestart) {
  const TemporaryFolder directory;
  LogFileOptions options = Options(directory);
  options.rotate_after = std::chrono::hours(2);
  ASSERT_TRUE(LogFile(options).Write("2026-01-31T10:15:30.000000+00:00 error x\n", kStart).ok());
  ASSERT_TRUE(LogFile(options).Write("later\n", kStart + 3 * kHour).ok());
  EXPECT_EQ(directory.Read("t.log"), "later\n");
}

TEST(LogFile, RemovesClosedFilesByNumber) {
  const TemporaryFolder directory;
  LogFileOptions options = Options(directory);
  options.max_bytes = 1;
  options.max_files = 2;
  LogFile file(options);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(file.Write("x\n", kStart + i * kSecond).ok());
  }
  EXPECT_EQ(directory.Names(), (Names{"t.log", "t.log.20260131T101534Z", "t.log.20260131T101535Z"}));
}

TEST(LogFile, RemovesClosedFilesByAgeAndNothingElse) {
  const TemporaryFolder directory;
  std::ofstream(directory.Path("t.log.20260101T000000Z")) << "old";
  std::ofstream(directory.Path("t.log.20260131T000000Z")) << "recent";
  std::ofstream(directory.Path("t.log.notes")) << "mine";
  std::ofstream(directory.Path("other.log.20260101T000000Z")) << "other";
  LogFileOptions options = Options(directory);
  options.max_age = std::chrono::hours(24 * 7);
  LogFile file(options);
  ASSERT_TRUE(file.Write("x\n", kStart).ok());
  EXPECT_EQ(directory.Names(), (Names{"other.log.20260101T000000Z", "t.log", "t.log.20260131T000000Z", "t.log.notes"}));
  ASSERT_TRUE(file.Write("y\n", kStart + 8 * 24 * kHour - 1).ok());
  EXPECT_EQ(std::filesystem::exists(directory.Path("t.log.20260131T000000Z")), false);
}

TEST(LogFile, OpensAgainAfterTheFileWasMoved) {
  const TemporaryFolder directory;
  LogFile file(Options(directory));
  ASSERT_TRUE(file.Write("a\n", kStart).ok());
  std::filesystem::rename(directory.Path("t.log"), directory.Path("moved"));
  ASSERT_TRUE(file.Open(kStart).ok());
  ASSERT_TRUE(file.Write("b\n", kStart).ok());
  EXPECT_EQ(directory.Read("moved"), "a\n");
  EXPECT_EQ(directory.Read("t.log"), "b\n");
}

TEST(LogFile, NamesTheFileItCannotOpen) {
  const TemporaryFolder directory;
  std::ofstream(directory.Path("file")) << "x";
  LogFileOptions options;
  options.file = directory.Path("file/t.log");
  const Status status = LogFile(options).Write("x\n", kStart);
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find("file/t.log cannot be opened"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace tutti::host
