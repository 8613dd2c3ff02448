#include "file_content.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "git_sandbox.h"

namespace tutti::file_tracker {
namespace {

using State = FileContent::State;

TEST(FileContent, ReadsWhatIsThere) {
  const GitSandbox sandbox;
  const std::string bytes("a\0b\r\n\xff", 6);
  const FileContent content = FileContent::Read(sandbox.Write("f", bytes), 6);
  EXPECT_EQ(content.state, State::kRead);
  EXPECT_EQ(content.bytes, bytes);
  EXPECT_EQ(FileContent::Read(sandbox.Write("empty", ""), 1).state, State::kRead);
}

TEST(FileContent, SaysWhatItDoesNotRead) {
  const GitSandbox sandbox;
  sandbox.Write("d/f", "x");
  const std::string pipe = sandbox.At("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);

  const struct {
    std::string path;
    State state;
    const char* reason;
  } cases[] = {
      {sandbox.At("none"), State::kMissing, ""},
      {sandbox.At("d/f/below"), State::kMissing, ""},
      {sandbox.At("d"), State::kRefused, "not a regular file"},
      {pipe, State::kRefused, "not a regular file"},
      {"/dev/zero", State::kRefused, "not a regular file"},
      {sandbox.Write("large", "1234567"), State::kRefused, "larger than 6 bytes"},
  };

  for (const auto& row : cases) {
    const FileContent content = FileContent::Read(row.path, 6);
    EXPECT_EQ(content.state, row.state) << row.path;
    EXPECT_NE(content.reason.find(row.reason), std::string::npos) << row.path << ": " << content.reason;
  }
}

TEST(FileContent, FileThatGrowsAllTheTimeComesToAnEnd) {
  const GitSandbox sandbox;
  const std::string path = sandbox.Write("f", "");
  std::atomic<bool> is_over{false};
  std::thread writer([&] {
    std::ofstream file(path, std::ios::app);
    while (!is_over) {
      file << std::string(1000, 'a') << std::flush;
      if (file.tellp() > 4'000'000) {
        ASSERT_EQ(::truncate(path.c_str(), 0), 0);
        file.seekp(0);
      }
    }
  });
  for (int i = 0; i < 200; ++i) {
    const FileContent content = FileContent::Read(path, 8'000'000);
    EXPECT_NE(content.state, State::kMissing);
    if (content.state == State::kRefused) {
      EXPECT_EQ(content.reason, "the file was being changed");
    }
    EXPECT_LE(content.bytes.size(), 8'000'000U);
  }
  is_over = true;
  writer.join();
}

TEST(LineCount, CountsNewlines) {
  const GitSandbox sandbox;
  const auto later = std::chrono::steady_clock::now() + std::chrono::hours(1);
  const std::pair<const char*, int> cases[] = {{"", 0}, {"a", 0}, {"a\n", 1}, {"a\n\nb", 2}};
  for (const auto& [text, lines] : cases) {
    const LineCount count = LineCount::Of(sandbox.Write("f", text), 1000, later);
    EXPECT_EQ(count.lines, lines) << text;
    EXPECT_TRUE(count.is_whole) << text;
  }
  EXPECT_EQ(LineCount::Of(sandbox.At("none"), 1000, later).lines, 0);
  EXPECT_EQ(LineCount::Of(sandbox.root(), 1000, later).lines, 0);
  EXPECT_EQ(LineCount::Of("/dev/zero", 1000, later).lines, 0);
}

TEST(LineCount, StopsAtItsLimitAndSaysSo) {
  const GitSandbox sandbox;
  std::string text(300'000, '\n');
  const std::string path = sandbox.Write("f", text);
  const auto now = std::chrono::steady_clock::now();
  const LineCount some = LineCount::Of(path, 100'000, now + std::chrono::hours(1));
  EXPECT_EQ(some.lines, 100'000);
  EXPECT_FALSE(some.is_whole);
  EXPECT_TRUE(LineCount::Of(path, 300'000, now + std::chrono::hours(1)).is_whole);
  const LineCount none = LineCount::Of(path, 300'000, now);
  EXPECT_EQ(none.lines, 0);
  EXPECT_FALSE(none.is_whole);
}

}  // namespace
}  // namespace tutti::file_tracker
